// Programs from the npm registry that the suites need and the project does not depend on, each in a cached folder.
import { existsSync } from 'node:fs';
import { mkdir, rename, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { cacheFolder } from './cache.mjs';
import { mustRun } from './process.mjs';

const nodeVersion = '24.21.0';
const npmVersion = '11.6.2';
const geminiVersion = '0.61.0';
const opencodeVersion = '1.18.33';
const inspectorVersion = '2.12.0';
const vsceVersion = '4.1.0';
const conformanceVersion = '0.2.0-alpha.12';
const mcpProxyVersion = '6.7.19';
const supergatewayVersion = '4.0.0';

/** Node 24 for tools that want Node 22 or newer. Returns its `bin` folder. */
export async function node24() {
  const name = `node-${process.platform}-${process.arch}`;
  const folder = await installed(`node-${nodeVersion}`, [`${name}@${nodeVersion}`]);
  return path.join(folder, 'node_modules', name, 'bin');
}

/** npm as a folder, for an image whose Node comes without it. */
export async function npmPackage() {
  return path.join(await installed(`npm-${npmVersion}`, [`npm@${npmVersion}`]), 'node_modules', 'npm');
}

/** Gemini CLI and OpenCode, in one folder with a `node_modules/.bin`. */
export async function aiClients() {
  return await installed(`clients-${geminiVersion}-${opencodeVersion}`, [
    `@google/gemini-cli@${geminiVersion}`,
    `opencode-ai@${opencodeVersion}`,
  ]);
}

/** MCP Inspector, in a folder with a `node_modules/.bin`; it wants Node 22.19 or newer. */
export async function inspector() {
  return await installed(`inspector-${inspectorVersion}`, [
    `@modelcontextprotocol/inspector@${inspectorVersion}`,
  ]);
}

/** The packager of VS Code extensions, as a script for Node 22 or newer. */
export async function vsce() {
  const folder = await installed(`vsce-${vsceVersion}`, [`@vscode/vsce@${vsceVersion}`]);
  return path.join(folder, 'node_modules/@vscode/vsce/vsce');
}

/** The conformance suite of the Model Context Protocol, as a folder with a `node_modules/.bin`; it wants Node 22 or newer. */
export async function conformance() {
  return await installed(`conformance-${conformanceVersion}`, [
    `@modelcontextprotocol/conformance@${conformanceVersion}`,
  ]);
}

/** Two other bridges from stdio to HTTP that the bench compares with, in one folder. */
export async function otherBridges() {
  return await installed(`bridges-${mcpProxyVersion}-${supergatewayVersion}`, [
    `mcp-proxy@${mcpProxyVersion}`,
    `supergateway@${supergatewayVersion}`,
  ]);
}

/** MCP servers, `name@version` each, in one folder. */
export async function mcpServers(packages) {
  const versions = packages.map((one) => one.slice(one.lastIndexOf('@') + 1));
  return await installed(`servers-${versions.join('-')}`, packages);
}

/** Installs packages into a folder of the cache, once: the folder appears under its name when it is complete. */
async function installed(name, packages) {
  const folder = path.join(await cacheFolder('tools'), name);
  if (existsSync(folder)) return folder;
  const partial = `${folder}.partial-${process.pid}`;
  await rm(partial, { recursive: true, force: true });
  await mkdir(partial, { recursive: true });
  await writeFile(path.join(partial, 'package.json'), '{ "private": true }\n');
  await mustRun('npm', ['install', '--no-audit', '--no-fund', '--no-package-lock', ...packages], {
    cwd: partial,
  });
  await rename(partial, folder).catch(async (error) => {
    await rm(partial, { recursive: true, force: true });
    if (!existsSync(folder)) throw error;
  });
  return folder;
}
