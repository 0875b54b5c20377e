// `npm test`: set-up, then everything that needs nothing but Node and npm.
import { setUp, root } from './install.mjs';
import { extraSuites } from './lib/extra-suites.mjs';
import { printSummary, runMocha } from './lib/suites.mjs';
import { lint } from './lint.mjs';

/** Runs the suites that need no engine and returns their counts. */
export async function runLocalSuites() {
  await setUp();
  const checks = await lint();
  const unit = await runMocha('unit', '.mocharc.unit.json', { cwd: root });
  const integration = await runMocha('integration', '.mocharc.integration.json', { cwd: root });
  return [checks, unit, integration];
}

if (process.argv[1]?.endsWith('test.mjs')) {
  try {
    const results = await runLocalSuites();
    const left = await extraSuites(root);
    console.log('\nNot run here:');
    for (const suite of left) console.log(`  npm run ${suite.script}: ${suite.needs}`);
    process.exitCode = printSummary(results) ? 0 : 1;
  } catch (error) {
    console.error(error.message);
    console.log('0 passed, 1 failed');
    process.exitCode = 1;
  }
}
