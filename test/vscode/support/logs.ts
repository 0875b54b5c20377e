import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import type { Editor } from './editor';

/** Every log file of the editor and its extensions: path and text. */
export async function logsOf(editor: Editor): Promise<[file: string, text: string][]> {
  const entries = await readdir(path.join(editor.userData, 'logs'), { recursive: true, withFileTypes: true });
  const files = entries
    .filter((entry) => entry.isFile())
    .map((entry) => path.join(entry.parentPath, entry.name));
  return await Promise.all(
    files.map(async (file): Promise<[string, string]> => [file, await readFile(file, 'utf8')]),
  );
}
