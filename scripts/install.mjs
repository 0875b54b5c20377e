// Set-up from a clean clone: dependencies and bundles, each only when out of date. Nothing outside the checkout is
// touched but npm's own cache. As a program: `node scripts/install.mjs`.
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { readFile, readdir, stat, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { run } from './lib/process.mjs';

/** The project's folder. */
export const root = fileURLToPath(new URL('..', import.meta.url));

const minimumNode = [20, 19];
const stamp = path.join(root, 'node_modules', '.devcontainer-gateway-lock');
const inputs = ['src', 'package.json', 'package-lock.json', 'esbuild.mjs', 'tsconfig.json'];
const outputs = ['dist/cli.js', 'dist/gateway.cjs', 'dist/extension.js'];

/** Brings `node_modules` and `dist` up to date. Throws with a cause and a next step in the message. */
export async function setUp(log = console.error) {
  requireNode();
  await installDependencies(log);
  await build(log);
}

function requireNode() {
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
  if (major > minimumNode[0] || (major === minimumNode[0] && minor >= minimumNode[1])) return;
  throw new Error(`Node ${process.versions.node} is too old: install Node ${minimumNode.join('.')} or newer`);
}

async function installDependencies(log) {
  const lock = createHash('sha256')
    .update(await readFile(path.join(root, 'package-lock.json')))
    .digest('hex');
  if ((await readFile(stamp, 'utf8').catch(() => '')) === lock || (await installedByHand())) return;
  log('set-up: installing dependencies (npm ci)');
  const result = await run('npm', ['ci', '--no-audit', '--no-fund'], { cwd: root });
  if (result.code !== 0)
    throw new Error(`npm ci failed: ${tail(result)}\nNext: check the network and the npm registry`);
  await writeFile(stamp, lock);
}

/** Whether `npm install` or `npm ci` ended after the lock file last changed: npm writes its own record at the end. */
async function installedByHand() {
  const record = await stat(path.join(root, 'node_modules', '.package-lock.json')).catch(() => undefined);
  return record !== undefined && record.mtimeMs > (await stat(path.join(root, 'package-lock.json'))).mtimeMs;
}

async function build(log) {
  if (await upToDate()) return;
  log('set-up: building dist/');
  const result = await run(process.execPath, ['esbuild.mjs'], { cwd: root });
  if (result.code !== 0) throw new Error(`the build failed: ${tail(result)}\nNext: npm run build`);
}

async function upToDate() {
  if (!outputs.every((file) => existsSync(path.join(root, file)))) return false;
  const built = await Promise.all(outputs.map(async (file) => (await stat(path.join(root, file))).mtimeMs));
  const changed = await Promise.all(inputs.map(async (name) => await newest(path.join(root, name))));
  return Math.min(...built) > Math.max(...changed);
}

/** The latest modification time of a file or of anything in a folder, in ms. */
async function newest(file) {
  const info = await stat(file);
  if (!info.isDirectory()) return info.mtimeMs;
  const names = await readdir(file);
  const times = await Promise.all(names.map(async (name) => await newest(path.join(file, name))));
  return Math.max(info.mtimeMs, ...times);
}

function tail(result) {
  return `${result.stdout}\n${result.stderr}`.trim().split('\n').slice(-20).join('\n');
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  await setUp().catch((error) => {
    console.error(error.message);
    process.exitCode = 1;
  });
}
