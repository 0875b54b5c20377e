import { modeOf, readFileIfExists, readRepositoryFile } from '../platform/files';
import type { FileState } from './edits';

/** A file as it is now, or `undefined` when there is none. Windows has no modes. */
export async function readState(
  file: string,
  platform: NodeJS.Platform = process.platform,
  read: (file: string) => Promise<Buffer | undefined> = readFileIfExists,
): Promise<FileState | undefined> {
  const bytes = await read(file);
  if (bytes === undefined) return undefined;
  return { bytes, mode: platform === 'win32' ? undefined : await modeOf(file) };
}

/** Several files of a repository by path; missing ones are left out. */
export async function readStates(files: readonly string[]): Promise<Map<string, FileState>> {
  const states = new Map<string, FileState>();
  for (const file of files) {
    const state = await readState(file, process.platform, readRepositoryFile);
    if (state !== undefined) states.set(file, state);
  }
  return states;
}

/** Whether a file is the same; a mode that one of the two does not name is not compared. */
export function sameState(left: FileState | undefined, right: FileState | undefined): boolean {
  if (left?.mode !== undefined && right?.mode !== undefined && left.mode !== right.mode) return false;
  return sameBytes(left, right);
}

/** Whether a file holds the same, or is missing in both. */
export function sameBytes(left: FileState | undefined, right: FileState | undefined): boolean {
  return left === undefined || right === undefined ? left === right : left.bytes.equals(right.bytes);
}
