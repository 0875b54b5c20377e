// `npm run lint`: the checks that run nothing of the product. As a module: `lint()`, for `npm test`.
import { fileURLToPath } from 'node:url';
import { root } from './install.mjs';
import { printSummary, runChecks } from './lib/suites.mjs';

const bin = (name) => `node_modules/.bin/${name}`;
// ESLint keeps no cache: the rules that know types find something in a file when another one has changed.
const checks = [
  [bin('tsc'), '--noEmit'],
  [bin('eslint'), '--max-warnings', '0', '.'],
  [bin('depcruise'), '--config', '.dependency-cruiser.mjs', 'src', 'test'],
  [process.execPath, 'scripts/check-type-names.mjs'],
  [process.execPath, 'scripts/check-patterns.mjs'],
  [bin('prettier'), '--check', '--log-level', 'warn', '.'],
  [bin('knip')],
  [process.execPath, 'scripts/check-words.mjs'],
];

/** Runs every check, whether or not one before it failed, and returns the counts. */
export async function lint() {
  return await runChecks('lint', checks, { cwd: root });
}

if (process.argv[1] === fileURLToPath(import.meta.url))
  process.exitCode = printSummary([await lint()]) ? 0 : 1;
