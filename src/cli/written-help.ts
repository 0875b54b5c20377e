import { readFileSync } from 'node:fs';
import path from 'node:path';

/**
 * The help as the build wrote it beside the parts of the command line, so that nothing has to be loaded to print it.
 * `undefined` for a terminal of another width, for which it is laid out again, and where this runs from source.
 */
export function writtenHelp(columns: number | undefined, folder = __dirname): string | undefined {
  if (columns !== undefined && columns !== 80) return undefined;
  try {
    return readFileSync(path.join(folder, 'cli', 'help.txt'), 'utf8');
  } catch {
    return undefined;
  }
}
