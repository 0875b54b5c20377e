// The bundles of the extension-host tests, and the extension that each is loaded with.
import { cp, mkdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { root } from '../install.mjs';
import { aliases } from './bundle-aliases.mjs';

const folder = path.join(root, 'dist/test');
const shell = path.join(folder, 'life');

/** In this order: the last one ends the gateway. `extension` is what the editor loads as the extension under test. */
export const hostSuites = [
  { name: 'life', extension: shell, tests: path.join(shell, 'life.cjs'), source: 'life.ts' },
  { name: 'host', extension: root, tests: path.join(folder, 'host.cjs'), source: 'index.ts' },
];

/** Bundles the tests, and writes the extension without a program. */
export async function prepareHostTests() {
  // Not there before the set-up of a fresh clone.
  const esbuild = await import('esbuild');
  await writeShell();
  for (const { tests, source } of hostSuites) {
    await esbuild.build({
      entryPoints: [path.join(root, 'test/vscode/host', source)],
      outfile: tests,
      bundle: true,
      platform: 'node',
      target: 'node20',
      format: 'cjs',
      sourcemap: 'inline',
      mainFields: ['module', 'main'],
      external: ['vscode', 'mocha'],
      alias: aliases,
      logLevel: 'warning',
    });
  }
}

async function writeShell() {
  await mkdir(shell, { recursive: true });
  const manifest = JSON.parse(await readFile(path.join(root, 'package.json'), 'utf8'));
  await writeFile(
    path.join(shell, 'package.json'),
    JSON.stringify({ ...manifest, main: './nothing.js', type: 'commonjs' }),
  );
  await writeFile(path.join(shell, 'nothing.js'), 'exports.activate = () => undefined;\n');
  for (const name of ['package.nls.json', 'resources'])
    await cp(path.join(root, name), path.join(shell, name), { recursive: true });
}
