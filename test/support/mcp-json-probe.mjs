// Runs inside a dev container: finds the gateway as Claude Code does, through .mcp.json of the working directory, and
// prints {"url", "tools", "result"}. Arguments: the tool to call and its arguments as JSON.
// ${VAR} and ${VAR:-default} are expanded; a variable that is not set and has no default stays as it is written.
import { readFile } from 'node:fs/promises';

const expand = (text) =>
  text.replace(
    /\$\{([A-Za-z_][A-Za-z0-9_]*)(?::-([^}]*))?\}/g,
    (whole, name, fallback) => process.env[name] ?? fallback ?? whole,
  );

const { mcpServers } = JSON.parse(await readFile('.mcp.json', 'utf8'));
const entry = mcpServers.gateway;
if (entry?.type !== 'http') throw new Error('the entry "gateway" of .mcp.json is not of type http');
const url = expand(entry.url);
const headers = Object.fromEntries(
  Object.entries(entry.headers).map(([name, value]) => [name, expand(value)]),
);
let session;

async function post(message) {
  const response = await fetch(url, {
    method: 'POST',
    headers: {
      ...headers,
      'content-type': 'application/json',
      accept: 'application/json, text/event-stream',
      ...(session ? { 'mcp-session-id': session, 'mcp-protocol-version': '2025-11-25' } : {}),
    },
    body: JSON.stringify({ jsonrpc: '2.0', ...message }),
  });
  const text = await response.text();
  if (!response.ok) throw new Error(`${message.method}: ${response.status} ${text}`);
  session ??= response.headers.get('mcp-session-id');
  return text;
}

async function request(id, method, params) {
  const text = await post({ id, method, params });
  const messages = text.trimStart().startsWith('{')
    ? [text]
    : [...text.matchAll(/^data: ?(.*)$/gm)].map((match) => match[1]);
  const answer = messages
    .filter((line) => line.trim() !== '')
    .map((line) => JSON.parse(line))
    .find((one) => one.id === id);
  if (!answer || answer.error) throw new Error(`${method}: ${JSON.stringify(answer)}`);
  return answer.result;
}

const clientInfo = { name: 'mcp-json-probe', version: '1' };
await request(1, 'initialize', { protocolVersion: '2025-11-25', capabilities: {}, clientInfo });
await post({ method: 'notifications/initialized' });
const { tools } = await request(2, 'tools/list', {});
const [name, args] = process.argv.slice(-2);
const result = await request(3, 'tools/call', { name, arguments: JSON.parse(args) });
console.log(JSON.stringify({ url, tools: tools.map((tool) => tool.name), result }));
