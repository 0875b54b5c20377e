// `npm run test:conformance`: the conformance suite of the Model Context Protocol against reference servers, directly and
// through the built-in gateway. `-- --shrink-baseline` takes out of the baseline what has begun to pass.
import path from 'node:path';
import { root, setUp } from './install.mjs';
import { printSummary, runMocha } from './lib/suites.mjs';
import { conformance, node24 } from './lib/tools.mjs';

const shrink = '--shrink-baseline';

try {
  await setUp();
  const given = process.argv.slice(2);
  const env = {
    ...process.env,
    MCP_TEST_NODE24: path.join(await node24(), 'node'),
    MCP_TEST_CONFORMANCE: path.join(await conformance(), 'node_modules/.bin/conformance'),
    MCP_CONFORMANCE_BASELINE: given.includes(shrink) ? 'write' : 'read',
  };
  const result = await runMocha('conformance', '.mocharc.conformance.json', {
    cwd: root,
    env,
    args: given.filter((argument) => argument !== shrink),
  });
  process.exitCode = printSummary([result]) ? 0 : 1;
} catch (error) {
  console.error(error.message);
  console.log('0 passed, 1 failed');
  process.exitCode = 1;
}
