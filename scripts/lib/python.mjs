// Programs from PyPI that the bench compares with, each in a virtual environment in the cache.
import { existsSync } from 'node:fs';
import { rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { cacheFolder } from './cache.mjs';
import { mustRun, run } from './process.mjs';

const versions = ['3.12', '3.13'];

/** The folder of the programs that packages install. Throws when there is no suitable Python, or the packages cannot be installed. */
export async function pythonPrograms(name, requirements) {
  const folder = path.join(await cacheFolder('tools'), `python-${name}`);
  if (!existsSync(stampIn(folder))) await make(folder, requirements);
  return path.join(folder, 'bin');
}

/** A virtual environment cannot be moved: it is made in its place, and marked when it is complete. */
async function make(folder, requirements) {
  const python = await findPython();
  await rm(folder, { recursive: true, force: true });
  await mustRun(python, ['-m', 'venv', folder]);
  await mustRun(path.join(folder, 'bin/python'), ['-m', 'pip', 'install', '--quiet', ...requirements]);
  await writeFile(stampIn(folder), '');
}

function stampIn(folder) {
  return path.join(folder, 'complete');
}

/** A Python of one of the versions: by its usual name, or kept by pyenv beside another default. */
async function findPython() {
  for (const version of versions) {
    const { stdout } = await run('pyenv', ['prefix', version]);
    const candidates = [
      `python${version}`,
      'python3',
      ...(stdout ? [path.join(stdout.trim(), 'bin/python')] : []),
    ];
    for (const python of candidates) if (await isVersion(python, version)) return python;
  }
  throw new Error(`Python ${versions.join(' or ')} is needed, and was not found`);
}

async function isVersion(python, version) {
  const { code, stdout } = await run(python, ['-c', "import sys; print('%d.%d' % sys.version_info[:2])"]);
  return code === 0 && stdout.trim() === version;
}
