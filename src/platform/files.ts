import {
  chmod,
  constants,
  copyFile,
  type FileHandle,
  link,
  mkdir,
  open,
  rename,
  rm,
  stat,
} from 'node:fs/promises';
import path from 'node:path';
import { AppError, systemCode } from './errors';

/** A file that is larger is not read, unless the caller says otherwise: it would fill the memory. */
const largestFile = 64 * 1024 * 1024;
/** The same for a file that came with a repository. Nobody writes so much by hand. */
const largestRepositoryFile = 2 * 1024 * 1024;

interface ReadOptions {
  maxBytes?: number;
  /** A person named the file, so it may be a pipe or a device. */
  pipes?: boolean;
}

/**
 * The bytes of a file, or `undefined` when there is no such file. Only a regular file is read: a device or a pipe could
 * have no end or never answer. That, a file that is too large, and links without an end are errors that name the file.
 */
export async function readFileIfExists(
  file: string,
  { maxBytes = largestFile, pipes = false }: ReadOptions = {},
): Promise<Buffer | undefined> {
  let handle: FileHandle;
  try {
    // Without waiting for a writer of a pipe. Windows has neither flag: `undefined` counts as 0.
    const { O_RDONLY, O_NONBLOCK, O_NOCTTY } = constants;
    handle = await open(file, pipes ? O_RDONLY : O_RDONLY | O_NONBLOCK | O_NOCTTY);
  } catch (error) {
    if (systemCode(error) === 'ENOENT' || systemCode(error) === 'ENOTDIR') return undefined;
    throw unreadable(file, error);
  }
  try {
    const info = await handle.stat();
    if (!pipes && !info.isFile() && !info.isDirectory()) throw notAFile(file, 'not a regular file');
    return await readAll(handle, file, info.size, maxBytes);
  } catch (error) {
    throw unreadable(file, error);
  } finally {
    await handle.close();
  }
}

/** The text of a file (UTF-8), or `undefined` when there is no such file. Errors as in `readFileIfExists`. */
export async function readTextIfExists(file: string, options: ReadOptions = {}): Promise<string | undefined> {
  return (await readFileIfExists(file, options))?.toString('utf8');
}

/** `readFileIfExists` for a file that came with a repository, whose author nobody knows. */
export async function readRepositoryFile(file: string): Promise<Buffer | undefined> {
  return await readFileIfExists(file, { maxBytes: largestRepositoryFile });
}

/** `readTextIfExists` for a file that came with a repository. */
export async function readRepositoryText(file: string): Promise<string | undefined> {
  return (await readRepositoryFile(file))?.toString('utf8');
}

/** To the end, which can be farther than the size says: files of `/proc` have none. */
async function readAll(handle: FileHandle, file: string, size: number, maxBytes: number): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let total = 0;
  for (;;) {
    if (Math.max(size, total) > maxBytes) throw tooLarge(file, maxBytes);
    const length = Math.min(Math.max(size - total + 1, 64 * 1024), maxBytes - total + 1);
    const { bytesRead, buffer } = await handle.read(Buffer.allocUnsafe(length), 0, length, null);
    if (bytesRead === 0) return Buffer.concat(chunks, total);
    chunks.push(buffer.subarray(0, bytesRead));
    total += bytesRead;
  }
}

function unreadable(file: string, error: unknown): unknown {
  if (systemCode(error) === 'ELOOP')
    return notAFile(file, 'a symbolic link that leads back to itself', error);
  if (systemCode(error) === 'EISDIR') return notAFile(file, 'a folder', error);
  return systemCode(error) === 'ENXIO' ? notAFile(file, 'not a regular file', error) : error;
}

function notAFile(file: string, what: string, cause?: unknown): AppError {
  return new AppError('invalid-file', `${file} is ${what}.`, {
    next: 'Replace it with a file and run the command again.',
    location: { file },
    cause,
  });
}

function tooLarge(file: string, maxBytes: number): AppError {
  const limit = maxBytes / 1024 / 1024;
  return new AppError('invalid-file', `${file} is larger than ${limit} MiB, so it is not read.`, {
    next: 'Make the file smaller and run the command again.',
    location: { file },
  });
}

/** Whether something exists at this path. Links without an end do: reading them says what is wrong. */
export async function exists(file: string): Promise<boolean> {
  try {
    await stat(file);
    return true;
  } catch (error) {
    if (systemCode(error) === 'ELOOP') return true;
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
