// `npm run test:soak`: long runs that prove what a short test cannot. `-- --short` runs a tenth of the counts.
import { root, setUp } from './install.mjs';
import { printSummary, runMocha } from './lib/suites.mjs';

const short = '--short';

try {
  await setUp();
  const given = process.argv.slice(2);
  const scale = given.includes(short) ? '0.1' : (process.env.MCP_SOAK_SCALE ?? '1');
  const result = await runMocha('soak', '.mocharc.soak.json', {
    cwd: root,
    env: { ...process.env, MCP_SOAK_SCALE: scale },
    args: given.filter((argument) => argument !== short),
  });
  process.exitCode = printSummary([result]) ? 0 : 1;
} catch (error) {
  console.error(error.message);
  console.log('0 passed, 1 failed');
  process.exitCode = 1;
}
