// VS Code itself, downloaded by @vscode/test-electron, for the extension-host tests on a contributor's machine.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { root } from '../install.mjs';
import { hostSuites } from './host-tests.mjs';

/** Whether VS Code's download server answers. */
export async function downloadable() {
  const url = 'https://update.code.visualstudio.com/api/releases/stable';
  return await fetch(url, { signal: AbortSignal.timeout(5000) }).then(
    (response) => response.ok,
    () => false,
  );
}

/** Runs the extension-host tests in VS Code, with a gateway of their own beside it. */
export async function runInVscode(env) {
  // Not there before the set-up of a fresh clone.
  const { runTests } = await import('@vscode/test-electron');
  const folder = await mkdtemp(path.join(os.tmpdir(), 'mcpt-vscode-folder-'));
  const gateway = await startGateway();
  try {
    for (const { extension, tests } of hostSuites) {
      await runTests({
        extensionDevelopmentPath: extension,
        extensionTestsPath: tests,
        extensionTestsEnv: { ...env, ...gateway.env },
        launchArgs: [folder, '--disable-extensions', '--disable-workspace-trust'],
      });
    }
  } catch (error) {
    console.error(error.message);
  } finally {
    gateway.stop();
    await rm(folder, { recursive: true, force: true });
  }
}

/** The gateway of `test/support/gateway.ts`, as a program of its own; it ends with its standard input. */
async function startGateway() {
  const program = fileURLToPath(new URL('../../test/vscode/host/gateway.ts', import.meta.url));
  const child = spawn(process.execPath, ['--import', 'tsx', program], {
    cwd: root,
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const [line] = await once(child.stdout.setEncoding('utf8'), 'data');
  return { env: JSON.parse(line), stop: () => child.stdin.end() };
}
