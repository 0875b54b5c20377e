// `npm run test:vscode`: tests in a real extension host, then the packaged .vsix in the real workbench. With VS Code
// itself where it can be downloaded, else with code-server; `--editor vscode|code-server` decides. Other arguments go to
// the mocha of the workbench tests (`-- --grep ...`).
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { root, setUp } from './install.mjs';
import { installEditor } from './lib/editor.mjs';
import { downloadable, runInVscode } from './lib/editor-vscode.mjs';
import { engineAnswers } from './lib/engine.mjs';
import { hostSuites, prepareHostTests } from './lib/host-tests.mjs';
import { run } from './lib/process.mjs';
import { printSummary, runMocha } from './lib/suites.mjs';
import { packageExtension } from './package.mjs';
import { prepareImages, removeImages } from './test-images.mjs';

const { editor: wanted, args } = options(process.argv.slice(2));

const temporary = await mkdtemp(path.join(os.tmpdir(), 'mcpt-vscode-'));
try {
  await setUp();
  await prepareHostTests();
  const useVscode = wanted ? wanted === 'vscode' : process.env.CI !== 'true' && (await downloadable());
  const results = useVscode ? [await hostSuite(runInVscode)] : await codeServerSuites();
  if (useVscode)
    console.log('\nNot run here: the workbench tests, which drive code-server (--editor code-server)');
  process.exitCode = printSummary(results) ? 0 : 1;
} catch (error) {
  console.error(error.message);
  console.log('0 passed, 1 failed');
  process.exitCode = 1;
} finally {
  await rm(temporary, { recursive: true, force: true });
}

async function codeServerSuites() {
  const { node, entry, chromium } = await installEditor();
  const engine = await engineAnswers();
  const env = {
    MCP_TEST_EDITOR_NODE: node,
    MCP_TEST_EDITOR_ENTRY: entry,
    MCP_TEST_CHROMIUM: chromium,
    MCP_TEST_ENGINE: engine ? '1' : '',
  };
  const launch = ['--import', 'tsx', 'test/vscode/host/launch.ts'];
  const host = await hostSuite(
    async (extra) =>
      await run(process.execPath, launch, {
        cwd: root,
        env: { ...process.env, ...env, ...extra },
        inherit: true,
      }),
  );
  const { file } = await packageExtension(temporary);
  if (engine) await prepareImages();
  const workbench = await runMocha('workbench', '.mocharc.vscode.json', {
    cwd: root,
    env: { ...process.env, ...env, MCP_TEST_VSIX: file },
    args,
  });
  if (engine && !process.env.MCP_TEST_KEEP_IMAGES) await removeImages();
  if (!engine) console.log('\nNot run here: the tests on a dev container, which need a Docker engine');
  return [host, workbench];
}

/** Runs the extension-host tests by `launch`; a missing report counts as one failure. */
async function hostSuite(launch) {
  const started = Date.now();
  const report = path.join(temporary, 'report');
  await launch({ MCP_TEST_REPORT: report, MCP_TEST_SUITES: JSON.stringify(hostSuites) });
  let [passed, failed] = [0, 0];
  for (const { name } of hostSuites) {
    const missing = { passed: 0, failed: 1, lines: [`  ✖ no report of the suite ${name}`] };
    const counts = await readFile(`${report}-${name}`, 'utf8').then(JSON.parse, () => missing);
    for (const line of counts.lines) console.log(line);
    passed += counts.passed;
    failed += counts.failed;
  }
  return { name: 'extension host', passed, failed, seconds: Math.round((Date.now() - started) / 1000) };
}

function options(argv) {
  const at = argv.indexOf('--editor');
  if (at < 0) return { editor: undefined, args: argv };
  const editor = argv[at + 1];
  if (!['vscode', 'code-server'].includes(editor)) {
    console.error('--editor: vscode or code-server');
    process.exit(2);
  }
  return { editor, args: argv.toSpliced(at, 2) };
}
