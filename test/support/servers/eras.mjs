// A stdio server that meets the question for its era as its argument says: `modern` answers it, `refuses` does not know
// it, `dies` of it, `silent` passes over it. The last three speak the legacy era. Every start is noted on standard error.
import { createInterface } from 'node:readline';

const [manner] = process.argv.slice(2);
process.stderr.write('started\n');

createInterface({ input: process.stdin }).on('line', (line) => {
  const { id, method } = JSON.parse(line);
  if (id === undefined) return;
  if (method !== 'server/discover') answer(id, results[method] ?? {});
  else if (manner === 'modern') answer(id, discovered);
  else if (manner === 'dies') process.exit(1);
  else if (manner === 'refuses')
    write({ jsonrpc: '2.0', id, error: { code: -32601, message: 'Method not found' } });
});

const discovered = {
  resultType: 'complete',
  supportedVersions: ['2026-07-28'],
  capabilities: { tools: {} },
  ttlMs: 0,
  cacheScope: 'private',
};

const results = {
  initialize: {
    protocolVersion: '2025-11-25',
    capabilities: { tools: {} },
    serverInfo: { name: 'eras', version: '1' },
  },
  'tools/list': { tools: [] },
};

function answer(id, result) {
  write({ jsonrpc: '2.0', id, result });
}

function write(message) {
  process.stdout.write(`${JSON.stringify(message)}\n`);
}
