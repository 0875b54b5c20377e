import { createHash } from 'node:crypto';
import { lstat, readdir, readFile, readlink } from 'node:fs/promises';
import path from 'node:path';

/**
 * One line for every file, folder and link below a folder, ignored ones included: mode, relative path and a hash of
 * the bytes. `except` are relative paths that are left out with all below them.
 */
export async function treeListing(folder: string, except: readonly string[] = []): Promise<string[]> {
  const lines: string[] = [];
  const visit = async (relative: string): Promise<void> => {
    if (except.includes(relative)) return;
    const file = path.join(folder, relative);
    const info = await lstat(file);
    const mode = (info.mode & 0o7777).toString(8);
    if (info.isDirectory()) {
      lines.push(`${mode} ${relative}/`);
      for (const name of (await readdir(file)).sort()) await visit(path.join(relative, name));
    } else if (info.isSymbolicLink()) lines.push(`${mode} ${relative} -> ${await readlink(file)}`);
    else lines.push(`${mode} ${relative} ${hash(await readFile(file))}`);
  };
  await visit('');
  return lines;
}

function hash(content: string | Uint8Array): string {
  return createHash('sha256').update(content).digest('hex');
}
