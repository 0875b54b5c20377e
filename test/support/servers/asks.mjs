// A stdio server of the legacy era whose one tool asks a person before it answers, or with `silent` never does anything.
import { createInterface } from 'node:readline';

const results = {
  initialize: {
    protocolVersion: '2025-11-25',
    capabilities: { tools: {} },
    serverInfo: { name: 'asks', version: '1' },
  },
  'tools/list': { tools: [{ name: 'ask', inputSchema: { type: 'object' } }] },
};
const waiting = new Map();
let next = 1;

createInterface({ input: process.stdin }).on('line', (line) => {
  const { id, method, params, result } = JSON.parse(line);
  if (params?.arguments?.silent) return;
  if (method === 'tools/call') {
    waiting.set(`q${next}`, id);
    const requestedSchema = { type: 'object', properties: {} };
    write({ id: `q${next++}`, method: 'elicitation/create', params: { message: 'Well?', requestedSchema } });
  } else if (method !== undefined && id !== undefined) write({ id, result: results[method] ?? {} });
  else if (waiting.has(id))
    write({ id: waiting.get(id), result: { content: [{ type: 'text', text: JSON.stringify(result) }] } });
});

function write(message) {
  process.stdout.write(`${JSON.stringify({ jsonrpc: '2.0', ...message })}\n`);
}
