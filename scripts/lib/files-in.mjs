import { readdir } from 'node:fs/promises';
import path from 'node:path';

/** The files below a folder of the project whose names end so, sorted, relative to the project, with `/` on every system. */
export async function filesIn(root, folder, ending) {
  const entries = await readdir(path.join(root, folder), { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => entry.isFile() && entry.name.endsWith(ending))
    .map((entry) => path.relative(root, path.join(entry.parentPath, entry.name)).split(path.sep).join('/'))
    .sort();
}
