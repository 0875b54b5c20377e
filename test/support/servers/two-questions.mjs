// A stdio server of 2026-07-28 whose one tool needs two answers of the client at once: of a person and of a model.
import { createInterface } from 'node:readline';

const empty = { type: 'object', properties: {} };
const results = {
  'server/discover': {
    resultType: 'complete',
    supportedVersions: ['2026-07-28'],
    capabilities: { tools: {} },
    ttlMs: 0,
    cacheScope: 'private',
  },
  'tools/list': {
    resultType: 'complete',
    tools: [{ name: 'ask', inputSchema: { type: 'object' } }],
    ttlMs: 0,
    cacheScope: 'private',
  },
  'tools/call': {
    resultType: 'input_required',
    requestState: 'waiting',
    inputRequests: {
      model: { method: 'sampling/createMessage', params: { messages: [], maxTokens: 1 } },
      person: { method: 'elicitation/create', params: { message: 'Well?', requestedSchema: empty } },
    },
  },
};

createInterface({ input: process.stdin }).on('line', (line) => {
  const { id, method } = JSON.parse(line);
  if (id === undefined) return;
  const answer = { jsonrpc: '2.0', id, result: results[method] ?? { resultType: 'complete' } };
  process.stdout.write(`${JSON.stringify(answer)}\n`);
});
