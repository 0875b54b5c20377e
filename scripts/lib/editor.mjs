// The editor of the tests where VS Code cannot be downloaded: VS Code's own workbench and extension host as code-server
// serves them, from the npm registry, with the distribution's Chromium.
import { existsSync } from 'node:fs';
import { mkdir, rename, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { cacheFolder } from './cache.mjs';
import { aptInstall } from './engine.mjs';
import { mustRun } from './process.mjs';
import { node24 } from './tools.mjs';

const codeServerVersion = '4.139.1';
const chromiumPath = '/usr/bin/chromium';
const packages = ['libkrb5-dev', 'g++', 'make', 'python3', 'chromium'];

/**
 * Everything that the code-server harness needs, installed once. Packages of the distribution are installed with
 * `CI=true` only; elsewhere a missing one is an error that names them.
 * @returns {Promise<{ node: string, entry: string, chromium: string }>}
 */
export async function installEditor(log = console.error) {
  await requirePackages();
  const bin = await node24();
  const folder = await codeServer(bin, log);
  return {
    node: path.join(bin, 'node'),
    entry: path.join(folder, 'node_modules/code-server/out/node/entry.js'),
    chromium: chromiumPath,
  };
}

async function requirePackages() {
  if (process.env.CI === 'true') await aptInstall(packages);
  else if (!existsSync(chromiumPath)) {
    throw new Error(
      `${chromiumPath} is missing\nNext: apt-get install ${packages.join(' ')} (or run with CI=true as root)`,
    );
  }
}

/** code-server with its native parts built; the folder appears under its name when it is complete. */
async function codeServer(nodeBin, log) {
  const folder = path.join(await cacheFolder('tools'), `code-server-${codeServerVersion}`);
  if (existsSync(folder)) return folder;
  log('set-up: installing code-server (2-3 minutes, once)');
  const partial = `${folder}.partial-${process.pid}`;
  await rm(partial, { recursive: true, force: true });
  await mkdir(partial, { recursive: true });
  await writeFile(path.join(partial, 'package.json'), '{ "private": true }\n');
  const install = ['install', '--ignore-scripts', '--no-audit', '--no-fund', '--no-package-lock'];
  await mustRun('npm', [...install, `code-server@${codeServerVersion}`], { cwd: partial });
  await mustRun('sh', ['./postinstall.sh'], {
    cwd: path.join(partial, 'node_modules/code-server'),
    env: {
      ...process.env,
      PATH: `${nodeBin}${path.delimiter}${process.env.PATH}`,
      npm_config_user_agent: `npm/11.0.0 node/v24.21.0 ${process.platform} ${process.arch}`,
      npm_config_nodedir: path.dirname(nodeBin),
    },
  });
  await rename(partial, folder);
  return folder;
}
