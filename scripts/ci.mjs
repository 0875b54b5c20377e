// Every suite of the project, one after the other. Started by `.ci/run`.
//
// With CI=true what is missing is installed (packages of the distribution, the Docker engine, tools in the cache) and
// the engine is started, and stopped at the end if it was started here. Without CI=true nothing outside the checkout
// is touched: a suite whose needs are not met fails and says what is missing.
import { root } from './install.mjs';
import { aptInstall, engineAnswers, installPlugins, pluginsAnswer, startEngine } from './lib/engine.mjs';
import { extraSuites } from './lib/extra-suites.mjs';
import { printSummary, runScript } from './lib/suites.mjs';
import { runLocalSuites } from './test.mjs';

const unattended = process.env.CI === 'true';
const enginePackages = [
  'docker.io',
  'containerd',
  'runc',
  'iptables',
  'debootstrap',
  'ca-certificates',
  'git',
];
/** What restarts the engine that this run started; the tests run it as a shell command. */
const restartCommand = `${process.execPath} ${root}scripts/restart-engine.mjs`;

const results = [];
let stopEngine;
try {
  results.push(...(await local()));
  for (const suite of await extraSuites(root)) results.push(await runExtra(suite));
} finally {
  await stopEngine?.();
}
process.exitCode = printSummary(results) ? 0 : 1;

async function local() {
  heading('npm test');
  return await runLocalSuites().catch((error) => [failure('set-up', error)]);
}

async function runExtra(suite) {
  heading(`npm run ${suite.script}`);
  try {
    const env = {
      ...process.env,
      MCP_TEST_KEEP_IMAGES: unattended ? '1' : (process.env.MCP_TEST_KEEP_IMAGES ?? ''),
    };
    if (suite.engine) {
      await prepareEngine();
      if (stopEngine) env.MCP_TEST_ENGINE_RESTART = restartCommand;
    }
    return await runScript(suite, { cwd: root, env });
  } catch (error) {
    return failure(suite.script, error);
  }
}

async function prepareEngine() {
  if (unattended) {
    if (!(await engineAnswers())) {
      await aptInstall(enginePackages);
      stopEngine = await startEngine();
    }
    await aptInstall(['debootstrap', 'ca-certificates']);
    await installPlugins();
    return;
  }
  if (!(await engineAnswers())) throw new Error('no Docker engine answers: start one, or run with CI=true');
  if (!(await pluginsAnswer()))
    throw new Error('docker compose v2 or docker buildx is missing: install it, or run with CI=true');
}

function failure(name, error) {
  console.error(`${name}: ${error.message}`);
  return { name, passed: 0, failed: 1, seconds: 0 };
}

function heading(text) {
  console.log(`\n=== ${text}`);
}
