import { open, stat } from 'node:fs/promises';
import path from 'node:path';
import { readTextIfExists } from '../../platform/files';
import { folderChanges } from '../watch/folder-changes';
import type { LogsOptions } from '../manager';

/** The last lines of a text file, then what is appended to it until the signal aborts. A file that shrinks began anew. */
export async function* followFile(
  file: string,
  { follow, tail, signal }: LogsOptions,
): AsyncGenerator<string> {
  const text = (await readTextIfExists(file, { maxBytes: Infinity })) ?? '';
  const lines = text.split('\n');
  let rest = lines.pop() ?? '';
  yield* tail === 0 ? [] : lines.slice(-tail);
  let position = Buffer.byteLength(text);
  if (!follow) {
    if (rest !== '') yield rest;
    return;
  }
  for await (const size of sizes(file, signal)) {
    if (size < position) {
      position = 0;
      rest = '';
    }
    const added = (rest + (await readFrom(file, position, size))).split('\n');
    position = size;
    rest = added.pop() ?? '';
    yield* added;
  }
}

async function readFrom(file: string, start: number, end: number): Promise<string> {
  const handle = await open(file);
  try {
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(end - start), 0, end - start, start);
    return buffer.toString('utf8', 0, bytesRead);
  } finally {
    await handle.close();
  }
}

/** The size of a file, now and after each change. */
async function* sizes(file: string, signal: AbortSignal): AsyncGenerator<number> {
  const size = async (): Promise<number> => (await stat(file).catch(() => undefined))?.size ?? 0;
  yield await size();
  for await (const change of folderChanges(path.dirname(file), [path.basename(file)], signal))
    if (change) yield await size();
}
