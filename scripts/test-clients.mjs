// `npm run test:clients`: programs of others that speak MCP, around the built-in gateway.
import path from 'node:path';
import { root, setUp } from './install.mjs';
import { printSummary, runMocha } from './lib/suites.mjs';
import { inspector, node24 } from './lib/tools.mjs';

try {
  await setUp();
  const env = {
    ...process.env,
    MCP_TEST_NODE24: path.join(await node24(), 'node'),
    MCP_TEST_INSPECTOR: path.join(await inspector(), 'node_modules/.bin/inspector'),
  };
  const result = await runMocha('clients', '.mocharc.clients.json', {
    cwd: root,
    env,
    args: process.argv.slice(2),
  });
  process.exitCode = printSummary([result]) ? 0 : 1;
} catch (error) {
  console.error(error.message);
  console.log('0 passed, 1 failed');
  process.exitCode = 1;
}
