import { readdir, stat } from 'node:fs/promises';
import path from 'node:path';
import { systemCode } from '../../platform/errors';

/**
 * The workspace inside a sidecar whose path holds the name of a folder on the host (`/workspaces/*`), which no
 * Compose file can name: every clone has its own. It is the folder that matches the pattern and whose `marker` is
 * the very folder `known`, which is mounted at a fixed place; where file identities do not survive the mount, the
 * only one that has a marker. `undefined` when there is none, or no telling which.
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

/** The folders that match a pattern in which `*` stands for any part of one name. */
async function expand(pattern: string): Promise<string[]> {
  let folders = ['/'];
  for (const part of pattern.split('/').filter((name) => name !== '')) {
    const next = folders.map(async (folder) => {
      if (!part.includes('*')) return [path.posix.join(folder, part)];
      const expression = new RegExp(`^${part.split('*').map(escapeExpression).join('.*')}$`);
      const names = (await list(folder)).filter((name) => expression.test(name));
      return names.map((name) => path.posix.join(folder, name));
    });
    folders = (await Promise.all(next)).flat();
  }
  return folders;
}

function escapeExpression(text: string): string {
  return text.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&');
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
