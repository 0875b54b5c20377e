import { mkdir, watch } from 'node:fs/promises';

/** Yields when a file of one of these names changes in a folder, until the signal aborts. The folder is made if needed. */
export async function* folderChanges(
  folder: string,
  names: readonly string[],
  signal: AbortSignal,
): AsyncGenerator<string> {
  await mkdir(folder, { recursive: true, mode: 0o700 });
  try {
    for await (const { filename } of watch(folder, { signal })) {
      if (filename !== null && names.includes(filename)) yield filename;
    }
  } catch (error) {
    if (!signal.aborted) throw error;
  }
}
