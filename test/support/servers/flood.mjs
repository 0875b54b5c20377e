// A stdio MCP server whose tools say very much: `log` on standard error, `notify` as log messages that belong to no call
// (they come after the answer), `once` one of these.
import { createInterface } from 'node:readline';

const send = (message) => process.stdout.write(`${JSON.stringify({ jsonrpc: '2.0', ...message })}\n`);
const tools = ['log', 'notify', 'once'].map((name) => ({ name, inputSchema: { type: 'object' } }));
const kilobyte = 'x'.repeat(1024);
const say = (data) => send({ method: 'notifications/message', params: { level: 'info', data } });

async function call(name) {
  if (name === 'log')
    await new Promise((taken) => process.stderr.write(`${kilobyte}\n`.repeat(40_000), taken));
  return { content: [] };
}

function afterwards(name) {
  if (name === 'notify') for (let i = 0; i < 40_000; i += 1) say(kilobyte);
  if (name === 'once') say('once');
}

createInterface({ input: process.stdin }).on('line', async (line) => {
  const { id, method, params } = JSON.parse(line);
  if (method === 'initialize') {
    const capabilities = { tools: {}, logging: {} };
    const serverInfo = { name: 'flood', version: '1' };
    send({ id, result: { protocolVersion: params.protocolVersion, capabilities, serverInfo } });
  } else if (method === 'tools/list') send({ id, result: { tools } });
  else if (method === 'tools/call') {
    send({ id, result: await call(params.name) });
    afterwards(params.name);
  } else if (id !== undefined) send({ id, error: { code: -32601, message: 'unknown' } });
});
