// Runs test suites and counts what they did, from the reports of the runners rather than from their prose.
import { spawn } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { run } from './process.mjs';
import { withProgress } from './progress.mjs';

/**
 * @typedef {{ name: string, passed: number, failed: number, seconds: number, steps?: string[] }} SuiteResult
 */

/** Runs one mocha configuration, showing its progress, and returns its counts. A run without a report counts as one failure. */
export async function runMocha(name, config, { cwd, env = process.env, args = [] }) {
  const folder = await mkdtemp(path.join(os.tmpdir(), 'mcpt-report-'));
  const report = path.join(folder, 'report.json');
  const started = Date.now();
  const reporter = path.join(cwd, 'scripts/lib/mocha-reporter.cjs');
  const options = [
    '--config',
    config,
    '--reporter',
    reporter,
    '--reporter-option',
    `report=${report}`,
    ...args,
  ];
  const mocha = path.join(cwd, 'node_modules/mocha/bin/mocha.js');
  try {
    const { code } = await run(process.execPath, [mocha, ...options], { cwd, env, inherit: true });
    const counts = await readFile(report, 'utf8').then(JSON.parse, () => undefined);
    const failed = counts?.failed ?? 1;
    return result(name, counts?.passed ?? 0, code !== 0 && failed === 0 ? 1 : failed, started);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** Runs a list of programs as one suite, showing which one works and for how long: each program is one check. */
export async function runChecks(name, checks, { cwd, env = process.env }) {
  const started = Date.now();
  let failed = 0;
  const steps = [];
  for (const [command, ...args] of checks) {
    const [step, began] = [nameOf(command, args), Date.now()];
    const outcome = await withProgress(
      `${name}: ${step}`,
      async () => await run(command, args, { cwd, env }),
    );
    steps.push(`${step} ${secondsSince(began)} s`);
    if (outcome.code === 0) continue;
    failed += 1;
    process.stdout.write(`\n${name}: ${command} ${args.join(' ')}\n${outcome.stdout}${outcome.stderr}\n`);
  }
  return { ...result(name, checks.length - failed, failed, started), steps };
}

/** A check is called after its program, or after the script that Node runs. */
function nameOf(command, [script = '']) {
  return command === process.execPath ? path.basename(script, '.mjs') : path.basename(command);
}

/** Runs a script of package.json as a suite; its counts are the last `N passed, N failed` line that it prints. */
export async function runScript({ script, counts }, { cwd, env }) {
  const started = Date.now();
  const { code, output } = await runVisibly('npm', ['run', '--silent', script], { cwd, env });
  const line = [...output.matchAll(/(\d+) passed, (\d+) failed/g)].at(-1);
  if (!counts || !line)
    return result(script, code === 0 && !counts ? 1 : 0, code === 0 && !counts ? 0 : 1, started);
  const failed = Number(line[2]);
  return result(script, Number(line[1]), code !== 0 && failed === 0 ? 1 : failed, started);
}

/** Runs a program with its output both shown and returned. */
async function runVisibly(command, args, options) {
  return await new Promise((resolve) => {
    const child = spawn(command, args, { ...options, stdio: ['ignore', 'pipe', 'inherit'] });
    let output = '';
    child.stdout.setEncoding('utf8').on('data', (chunk) => {
      output += chunk;
      process.stdout.write(chunk);
    });
    child.on('error', (error) => resolve({ code: 127, output: `${output}${error.message}` }));
    child.on('close', (code) => resolve({ code: code ?? 1, output }));
  });
}

/** Prints one line a suite and the total as the last line. Returns whether all passed and anything ran. */
export function printSummary(results, print = console.log) {
  print('');
  for (const { name, passed, failed, seconds, steps = [] } of results) {
    const parts = steps.length === 0 ? '' : `: ${steps.join(', ')}`;
    print(`${name}: ${passed} passed, ${failed} failed (${seconds} s${parts})`);
  }
  const passed = results.reduce((sum, suite) => sum + suite.passed, 0);
  const failed = results.reduce((sum, suite) => sum + suite.failed, 0);
  print(`${passed} passed, ${failed} failed`);
  return failed === 0 && passed > 0;
}

function result(name, passed, failed, started) {
  return { name, passed, failed, seconds: secondsSince(started) };
}

function secondsSince(started) {
  return Math.round((Date.now() - started) / 1000);
}
