import { mkdir, open, rename, rm, rmdir } from 'node:fs/promises';
import path from 'node:path';
import { systemCode } from '../platform/errors';
import { exists, linkOrCopy, setMode } from '../platform/files';
import type { FileState } from './edits';

/** The file operations of a change, one system call or so each; tests stop the process at every one of them. */
export interface FileOperations {
  makeFolder(folder: string): Promise<void>;
  /** Creates a file, which must not be there, not even as a link. Without a mode the process's default holds. */
  write(file: string, bytes: Uint8Array, mode: number | undefined): Promise<void>;
  rename(from: string, to: string): Promise<void>;
  /** Gives a finished file a second name; `EEXIST` when that name is taken. */
  link(from: string, to: string): Promise<void>;
  remove(file: string): Promise<void>;
  removeFolder(folder: string): Promise<void>;
}

export const fileOperations: FileOperations = {
  makeFolder: async (folder) => {
    await mkdir(folder, { recursive: true });
  },
  write: writeSynced,
  rename,
  link: linkOrCopy,
  remove: async (file) => await rm(file, { force: true }),
  removeFolder: removeIfEmpty,
};

/**
 * Brings a file into a state, in one step for every reader. `modeNow` is kept when the state names no mode. `temporary`
 * is where the new bytes are written first.
 */
export async function put(
  operations: FileOperations,
  file: string,
  state: FileState | undefined,
  { modeNow, temporary }: { modeNow: number | undefined; temporary: string },
): Promise<void> {
  if (state === undefined) {
    await operations.remove(file);
    return;
  }
  if (!(await exists(path.dirname(file)))) await operations.makeFolder(path.dirname(file));
  await operations.write(temporary, state.bytes, state.mode ?? modeNow);
  await operations.rename(temporary, file);
}

/**
 * The temporary file of a change beside one of its files; a process that ends there leaves it behind. The name of a
 * change cannot be guessed, so a repository cannot have a file or a link in its place.
 */
export function temporaryOf(file: string, change: string): string {
  return `${file}.${change}.tmp`;
}

async function writeSynced(file: string, bytes: Uint8Array, mode: number | undefined): Promise<void> {
  const handle = await open(file, 'wx', mode ?? 0o666);
  try {
    await handle.writeFile(bytes);
    await handle.sync();
  } finally {
    await handle.close();
  }
  if (mode !== undefined) await setMode(file, mode);
}

async function removeIfEmpty(folder: string): Promise<void> {
  try {
    await rmdir(folder);
  } catch (error) {
    if (!['ENOENT', 'ENOTEMPTY', 'EEXIST', 'ENOTDIR'].includes(systemCode(error) ?? '')) throw error;
  }
}
