// A stdio MCP server that tells of changes. With a file as first argument it does not answer the handshake until that
// file exists. It has the resources `mem:///a` and `mem:///refused`; to the second nobody can subscribe, and to the first
// a subscriber hears of a change at once, before the answer. Its tools: `change` makes it say that its tools have
// changed, `subscribed` tells which resources are subscribed to, and how often that was asked for.
import { existsSync } from 'node:fs';
import { createInterface } from 'node:readline';

const [gate] = process.argv.slice(2);
const subscribed = new Set();
let asked = 0;

const send = (message) => process.stdout.write(`${JSON.stringify({ jsonrpc: '2.0', ...message })}\n`);
const tell = (method, params) => send({ method: `notifications/${method}`, params });
const list = (names) => names.map((name) => ({ name, inputSchema: { type: 'object' } }));

const answers = {
  initialize: ({ protocolVersion }) => ({
    protocolVersion,
    capabilities: { tools: { listChanged: true }, resources: { subscribe: true } },
    serverInfo: { name: 'notices', version: '1' },
  }),
  'tools/list': () => ({ tools: list(['change', 'subscribed']) }),
  'resources/list': () => ({
    resources: ['mem:///a', 'mem:///refused'].map((uri) => ({ uri, name: uri })),
  }),
  'resources/templates/list': () => ({ resourceTemplates: [] }),
  'resources/subscribe': ({ uri }) => {
    asked += 1;
    if (uri === 'mem:///refused') return undefined;
    subscribed.add(uri);
    tell('resources/updated', { uri });
    return {};
  },
  'resources/unsubscribe': ({ uri }) => {
    subscribed.delete(uri);
    return {};
  },
  'tools/call': ({ name }) => {
    if (name === 'change') tell('tools/list_changed');
    return { content: [{ type: 'text', text: `asked ${asked}, subscribed ${[...subscribed].join(' ')}` }] };
  },
};

function answer({ id, method, params }) {
  const result = answers[method]?.(params ?? {});
  if (result) send({ id, result });
  else send({ id, error: { code: -32601, message: `no ${method}` } });
}

createInterface({ input: process.stdin }).on('line', (line) => {
  const message = JSON.parse(line);
  if (message.id === undefined) return;
  if (message.method !== 'initialize' || gate === undefined || existsSync(gate)) answer(message);
  else {
    const timer = setInterval(() => {
      if (!existsSync(gate)) return;
      clearInterval(timer);
      answer(message);
    }, 20);
  }
});
