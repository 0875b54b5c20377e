import { readlink, realpath } from 'node:fs/promises';
import path from 'node:path';
import { AppError, systemCode } from './errors';

/** More links than any real path has; the operating systems stop at 40 too. */
const maxLinks = 40;

/**
 * The path behind all symbolic links, of a file that is there or is about to be written: a link that leads to a missing
 * file gives the path of that file. Links that lead to each other are an error that names the file.
 */
export async function realPathOf(file: string, links = maxLinks): Promise<string> {
  try {
    return await realpath(file);
  } catch (error) {
    if (systemCode(error) === 'ELOOP') throw endlessLink(file);
    if (!isMissing(error)) throw error;
  }
  const parent = path.dirname(file);
  if (parent === file) return file;
  const target = await linkTarget(file);
  if (target === undefined) return path.join(await realPathOf(parent, links), path.basename(file));
  if (links === 0) throw endlessLink(file);
  return await realPathOf(path.resolve(await realPathOf(parent, links), target), links - 1);
}

/** Where a symbolic link leads, as it is written; `undefined` when there is no file, or it is not a link. */
export async function linkTarget(file: string): Promise<string | undefined> {
  try {
    return await readlink(file);
  } catch (error) {
    if (isMissing(error) || systemCode(error) === 'EINVAL') return undefined;
    throw error;
  }
}

/** Whether a path is a folder itself or lies in it. Both are compared as they are written. */
export function isWithin(folder: string, file: string): boolean {
  const relative = path.relative(folder, file);
  return relative !== '..' && !relative.startsWith(`..${path.sep}`) && !path.isAbsolute(relative);
}

function isMissing(error: unknown): boolean {
  return systemCode(error) === 'ENOENT' || systemCode(error) === 'ENOTDIR';
}

function endlessLink(file: string): AppError {
  return new AppError('invalid-file', `${file} is a symbolic link that leads back to itself.`, {
    next: 'Replace the link with a file and run the command again.',
    location: { file },
  });
}
