import path from 'node:path';
import { AppError, messageOf, systemCode } from '../../platform/errors';
import { sentence } from '../../platform/sentence';

/** What a person can do about an error of the file system, and in which words it is said. */
const causes: Readonly<Record<string, { what: (folder: string) => string; next: string }>> = {
  ENOSPC: {
    what: (folder) => `the disk that holds ${folder} is full`,
    next: 'Free some space on that disk, then try again.',
  },
  EDQUOT: {
    what: (folder) => `the disk quota for ${folder} is used up`,
    next: 'Free some space, or get a larger quota, then try again.',
  },
  EROFS: {
    what: (folder) => `the file system that holds ${folder} is read-only`,
    next: 'Make the folder writable, or choose another one with --state.',
  },
  EACCES: {
    what: (folder) => `the gateway may not write in ${folder}`,
    next: 'Give the folder to the user that runs the gateway, or choose another one with --state.',
  },
  EIO: {
    what: (folder) => `the disk that holds ${folder} reports an error`,
    next: 'Check that disk, then try again.',
  },
};

/** The error of a failed write to a file of the state: it names the file, the disk and the next step. */
export function storageError(file: string, error: unknown): AppError {
  if (error instanceof AppError) return error;
  const code = systemCode(error) ?? '';
  const known = causes[code === 'EPERM' ? 'EACCES' : code];
  const why = known === undefined ? messageOf(error) : known.what(path.dirname(file));
  return new AppError('storage', sentence(`${file} could not be written: ${why}`), {
    next: known?.next ?? "Check the gateway's state folder, then try again.",
    cause: error,
  });
}

/** Does a write. A failure is thrown as {@link storageError}. */
export async function stored(file: string, write: Promise<void>): Promise<void> {
  try {
    await write;
  } catch (error) {
    throw storageError(file, error);
  }
}
