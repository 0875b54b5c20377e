import { chmod, constants, copyFile, link, mkdir, open, readFile, rename, rm, stat } from 'node:fs/promises';
import path from 'node:path';
import { systemCode } from './errors';

/** The bytes of a file, or `undefined` when there is no such file. Other failures are thrown. */
export async function readFileIfExists(file: string): Promise<Buffer | undefined> {
  try {
    return await readFile(file);
  } catch (error) {
    if (systemCode(error) === 'ENOENT' || systemCode(error) === 'ENOTDIR') return undefined;
    throw error;
  }
}

/** The text of a file (UTF-8), or `undefined` when there is no such file. */
export async function readTextIfExists(file: string): Promise<string | undefined> {
  return (await readFileIfExists(file))?.toString('utf8');
}

/** Whether something exists at this path. */
export async function exists(file: string): Promise<boolean> {
  try {
    await stat(file);
    return true;
  } catch (error) {
    if (systemCode(error) === 'ENOENT' || systemCode(error) === 'ENOTDIR') return false;
    throw error;
  }
}

/**
 * Replaces a file in one step: a reader sees the old bytes or the new ones, never a part.
 * The mode of an existing file is kept unless `mode` is given. Folders are made as needed.
 */
export async function writeFileAtomic(
  file: string,
  content: string | Uint8Array,
  options: { mode?: number } = {},
): Promise<void> {
  // Most starts of the command line only read.
  const { randomBytes } = await import('node:crypto');
  await mkdir(path.dirname(file), { recursive: true });
  const mode = options.mode ?? (await modeOf(file)) ?? 0o644;
  const temporary = `${file}.${randomBytes(6).toString('hex')}.tmp`;
  try {
    const handle = await open(temporary, 'wx', mode);
    try {
      await handle.writeFile(content);
      await handle.sync();
    } finally {
      await handle.close();
    }
    await setMode(temporary, mode);
    await rename(temporary, file);
  } catch (error) {
    await rm(temporary, { force: true });
    throw error;
  }
}

/** The permission bits of a file, or `undefined` when there is no such file. */
export async function modeOf(file: string): Promise<number | undefined> {
  try {
    return (await stat(file)).mode & 0o777;
  } catch (error) {
    if (systemCode(error) === 'ENOENT' || systemCode(error) === 'ENOTDIR') return undefined;
    throw error;
  }
}

/** Sets the permission bits of a file. Does nothing on a file system without permission bits, such as FAT. */
export async function setMode(file: string, mode: number): Promise<void> {
  try {
    await chmod(file, mode);
  } catch (error) {
    if (!['EPERM', 'ENOTSUP', 'EOPNOTSUPP'].includes(systemCode(error) ?? '')) throw error;
  }
}

/** The error codes of `link` where a file system has no hard links, or a sandbox forbids them. */
const noLinks = ['EPERM', 'EACCES', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS', 'EISDIR'];

/**
 * Gives a finished file a second name. Throws `EEXIST` when that name is taken. Without hard links the file is copied
 * instead: only one caller gets the name, but a reader may see a part of the file for a moment.
 */
export async function linkOrCopy(from: string, to: string): Promise<void> {
  try {
    await link(from, to);
  } catch (error) {
    if (!noLinks.includes(systemCode(error) ?? '')) throw error;
    await copyFile(from, to, constants.COPYFILE_EXCL);
  }
}
