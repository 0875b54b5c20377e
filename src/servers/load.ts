import path from 'node:path';
import { AppError } from '../platform/errors';
import { readRepositoryText } from '../platform/files';
import { mergeServersFiles } from './merge';
import { parseServersFile } from './parse';
import type { ServersFile } from './schema';

/** The personal file beside a shared one: `servers.json` → `servers.local.json`. */
export function personalFileOf(file: string): string {
  const { dir, name, ext } = path.parse(file);
  return path.join(dir, `${name}.local${ext}`);
}

/** Reads `servers.json` and the personal file beside it. Throws when the shared file is missing or one cannot be parsed. */
export async function loadServersFile(file: string): Promise<ServersFile> {
  const text = await readRepositoryText(file);
  if (text === undefined) {
    throw new AppError('not-found', `There is no servers file at ${file}.`, {
      next: 'Create it, or name another file with --servers FILE.',
      location: { file },
    });
  }
  const shared = parseServersFile(text, file);
  const personalFile = personalFileOf(file);
  const personal = await readRepositoryText(personalFile);
  return personal === undefined
    ? shared
    : mergeServersFiles(shared, parseServersFile(personal, personalFile));
}
