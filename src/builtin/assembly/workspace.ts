import { readdir, stat } from 'node:fs/promises';
import path from 'node:path';
import { systemCode } from '../../platform/errors';

/**
 * Finds the workspace inside a sidecar. Its path contains the name of a folder on the host (`/workspaces/*`), which the
 * Compose file cannot contain, because every clone has another name. The workspace is the folder that matches the pattern
 * and whose `marker` is the same folder as `known`, which is mounted at a fixed path. Where file identities do not survive
 * the mount, it is the only folder with a marker. `undefined` when there is none, or more than one.
 */
export async function locateWorkspace(
  pattern: string,
  marker: string,
  known: string,
): Promise<string | undefined> {
  const wanted = await identityOf(known);
  const marked: string[] = [];
  for (const candidate of await expand(pattern)) {
    const identity = await identityOf(path.posix.join(candidate, marker));
    if (identity === undefined) continue;
    if (identity === wanted) return candidate;
    marked.push(candidate);
  }
  return marked.length === 1 ? marked[0] : undefined;
}

/** The folders that match a pattern. `*` matches any part of one name. */
async function expand(pattern: string): Promise<string[]> {
  let folders = ['/'];
  for (const part of pattern.split('/').filter((name) => name !== '')) {
    const next = folders.map(async (folder) => {
      if (!part.includes('*')) return [path.posix.join(folder, part)];
      const names = (await list(folder)).filter((name) => matchesPart(part, name));
      return names.map((name) => path.posix.join(folder, name));
    });
    folders = (await Promise.all(next)).flat();
  }
  return folders;
}

/** Each text between two `*` is looked for behind the one before it. */
function matchesPart(pattern: string, name: string): boolean {
  const [first = '', ...others] = pattern.split('*');
  const last = others.pop() ?? '';
  if (!name.startsWith(first) || !name.endsWith(last)) return false;
  let at = first.length;
  for (const text of others) {
    const found = name.indexOf(text, at);
    if (found < 0) return false;
    at = found + text.length;
  }
  return at + last.length <= name.length;
}

async function list(folder: string): Promise<string[]> {
  try {
    return await readdir(folder);
  } catch (error) {
    if (isAbsent(error)) return [];
    throw error;
  }
}

async function identityOf(file: string): Promise<string | undefined> {
  try {
    const { dev, ino } = await stat(file, { bigint: true });
    return `${String(dev)}:${String(ino)}`;
  } catch (error) {
    if (isAbsent(error)) return undefined;
    throw error;
  }
}

function isAbsent(error: unknown): boolean {
  return ['ENOENT', 'ENOTDIR', 'EACCES'].includes(systemCode(error) ?? '');
}
