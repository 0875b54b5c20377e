// A stdio server that meets the question for its era as its argument says: `modern` answers it, `refuses` does not know
// it, `dies` of it, `silent` passes over it. The last three speak the legacy era. `only-modern` answers it after it has
// refused everything of the legacy era that was said meanwhile. With a second argument it reads nothing until that file
// exists. Every start is noted on standard error.
import { existsSync } from 'node:fs';
import { createInterface } from 'node:readline';

const [manner, gate] = process.argv.slice(2);
process.stderr.write('started\n');
while (gate !== undefined && !existsSync(gate)) await new Promise((resolve) => setTimeout(resolve, 20));

createInterface({ input: process.stdin }).on('line', (line) => {
  const { id, method } = JSON.parse(line);
  if (id === undefined) return;
  if (method === 'initialize' && manner === 'only-modern')
    write({ jsonrpc: '2.0', id, error: { code: -32022, message: 'Unsupported protocol version' } });
  else if (method !== 'server/discover') answer(id, results[method] ?? {});
  else if (manner === 'modern') answer(id, discovered);
  else if (manner === 'only-modern') setTimeout(() => answer(id, discovered), 100);
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
