// `npm run package`: the extension as a .vsix that installs offline. As a module: `packageExtension()`.
import { cp, mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { root } from './install.mjs';
import { mustRun } from './lib/process.mjs';
import { node24, vsce } from './lib/tools.mjs';

/** A larger package is a mistake in the bundles or in the list of files. */
const limitBytes = 1.5 * 1024 * 1024;
/** What the extension consists of, beside the pictures of its README; everything is bundled. */
const contents = [
  'dist/extension.js',
  'dist/parts',
  'dist/cli.js',
  'dist/cli',
  'dist/gateway.cjs',
  'dist/servers.schema.json',
  'resources',
  'package.nls.json',
  'README.md',
  'CHANGELOG.md',
  'LICENSE',
];
/** Without a public repository the links of the README stay as they are. */
const unpublished = ['--allow-missing-repository', '--no-rewrite-relative-links'];

/** Builds and packages; returns the .vsix and its size in bytes. Throws when it is too large. */
export async function packageExtension(folder = root) {
  await mustRun(process.execPath, ['esbuild.mjs'], { cwd: root });
  const out = path.join(folder, 'devcontainer-gateway.vsix');
  const stage = await mkdtemp(path.join(os.tmpdir(), 'mcpt-vsix-'));
  try {
    await fill(stage);
    const node = path.join(await node24(), 'node');
    const options = ['--no-dependencies', '--out', out, ...unpublished];
    await mustRun(node, [await vsce(), 'package', ...options], { cwd: stage });
  } finally {
    await rm(stage, { recursive: true, force: true });
  }
  const { size } = await stat(out);
  if (size > limitBytes) throw new Error(`${out} has ${size} bytes; the limit is ${limitBytes}`);
  return { file: out, size };
}

/**
 * One manifest serves the npm package and the extension, and vsce takes no ignore file beside the `files` of npm: so the
 * extension's files are gathered in a folder of their own, with the manifest less what only npm reads.
 */
async function fill(stage) {
  const readme = await readFile(path.join(root, 'README.md'), 'utf8');
  const pictures = [...readme.matchAll(/\]\((docs\/images\/[\w-]+\.png)\)/g)].map(([, name]) => name);
  for (const name of [...contents, ...pictures]) {
    await mkdir(path.dirname(path.join(stage, name)), { recursive: true });
    await cp(path.join(root, name), path.join(stage, name), { recursive: true });
  }
  const manifest = JSON.parse(await readFile(path.join(root, 'package.json'), 'utf8'));
  for (const key of ['files', 'bin', 'scripts', 'devDependencies']) delete manifest[key];
  await writeFile(path.join(stage, 'package.json'), `${JSON.stringify(manifest, null, 2)}\n`);
  // Without a list vsce warns that everything is packaged, which is meant here.
  await writeFile(path.join(stage, '.vscodeignore'), '');
}

/** The bytes of a file, or of all files in a folder. */
async function sizeOf(file) {
  const entry = await stat(file);
  if (!entry.isDirectory()) return entry.size;
  const sizes = await Promise.all((await readdir(file)).map((name) => sizeOf(path.join(file, name))));
  return sizes.reduce((sum, size) => sum + size, 0);
}

function kib(bytes) {
  return `${(bytes / 1024).toFixed(0)} KiB`;
}

if (process.argv[1]?.endsWith('package.mjs')) {
  try {
    const { file, size } = await packageExtension();
    for (const name of contents.filter((one) => one.startsWith('dist/')))
      console.log(`${name}: ${kib(await sizeOf(path.join(root, name)))}`);
    console.log(`${file}: ${kib(size)}, of at most ${kib(limitBytes)}`);
  } catch (error) {
    console.error(error.message);
    process.exitCode = 1;
  }
}
