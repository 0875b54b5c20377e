// `npm run package`: the extension as a .vsix that installs offline. As a module: `packageExtension()`.
import { mkdir, stat } from 'node:fs/promises';
import path from 'node:path';
import { root } from './install.mjs';
import { mustRun } from './lib/process.mjs';
import { node24, vsce } from './lib/tools.mjs';

/** A larger package is a mistake in the bundles or in .vscodeignore. */
const limitBytes = 1.5 * 1024 * 1024;
/** Without a public repository the links of the README stay as they are. */
const unpublished = ['--allow-missing-repository', '--no-rewrite-relative-links'];

/** Builds and packages; returns the path of the .vsix. Throws when it is too large. */
export async function packageExtension(folder = root) {
  await mkdir(folder, { recursive: true });
  await mustRun(process.execPath, ['esbuild.mjs'], { cwd: root });
  const out = path.join(folder, 'devcontainer-mcp.vsix');
  const node = path.join(await node24(), 'node');
  const options = ['--no-dependencies', '--ignoreFile', '.vscodeignore', '--out', out, ...unpublished];
  await mustRun(node, [await vsce(), 'package', ...options], { cwd: root });
  const { size } = await stat(out);
  if (size > limitBytes) throw new Error(`${out} has ${size} bytes; the limit is ${limitBytes}`);
  return { file: out, size };
}

if (process.argv[1]?.endsWith('package.mjs')) {
  try {
    const { file, size } = await packageExtension();
    console.log(`${file} (${(size / 1024).toFixed(0)} KiB)`);
  } catch (error) {
    console.error(error.message);
    process.exitCode = 1;
  }
}
