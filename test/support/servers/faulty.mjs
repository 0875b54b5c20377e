// A stdio MCP server with a fault of its choice: `node faulty.mjs [no-resources|dies|deaf|endless]`. Its tool `seen` tells
// what it was asked so far.
import { createInterface } from 'node:readline';

const fault = process.argv[2];
const send = (message) => process.stdout.write(`${JSON.stringify({ jsonrpc: '2.0', ...message })}\n`);
const seen = [];
const refused = { code: -32603, message: 'the database is away' };

const answers = {
  initialize: ({ protocolVersion }) => ({
    protocolVersion,
    capabilities: { tools: {}, resources: { subscribe: true }, logging: {} },
    serverInfo: { name: 'faulty', version: '1' },
  }),
  'tools/list': () => ({ tools: [{ name: 'seen', inputSchema: { type: 'object' } }] }),
  'tools/call': () => ({ content: [{ type: 'text', text: seen.join(' ') }] }),
  'resources/list': () => ({ resources: [], ...(fault === 'endless' ? { nextCursor: '' } : {}) }),
  'resources/templates/list': () => ({ resourceTemplates: [] }),
  'resources/subscribe': () => ({}),
  'resources/unsubscribe': () => ({}),
  'logging/setLevel': () => ({}),
};

createInterface({ input: process.stdin }).on('line', (line) => {
  const { id, method, params } = JSON.parse(line);
  seen.push([method, params?.uri ?? params?.level].filter(Boolean).join(':'));
  if (fault === 'dies' && method === 'resources/list') process.exit(3);
  if (fault === 'deaf' && method === 'logging/setLevel') return;
  if (fault === 'no-resources' && method === 'resources/list') send({ id, error: refused });
  else if (answers[method]) send({ id, result: answers[method](params ?? {}) });
  else if (id !== undefined) send({ id, error: { code: -32601, message: 'unknown' } });
});
