import { once } from 'node:events';
import fs from 'node:fs/promises';
import { mock } from 'node:test';

/** One who has read a file, and sees what was in it only later. */
export interface LateReader {
  hasRead: Promise<unknown>;
  /** How often the file has been read since by anybody. */
  readonly reads: number;
  release(): unknown;
}

/** Holds back the answer to the next read of a file, until `release`; `mock.restoreAll` ends it. */
export function lateReader(file: string): LateReader {
  const read = fs.readFile;
  const steps = new EventTarget();
  const released = once(steps, 'released');
  let reads = 0;
  mock.method(fs, 'readFile', async (...args: Parameters<typeof read>) => {
    const text = await read(...args);
    if (args[0] !== file) return text;
    reads += 1;
    if (reads > 1) return text;
    steps.dispatchEvent(new Event('read'));
    await released;
    return text;
  });
  return {
    hasRead: once(steps, 'read'),
    get reads() {
      return reads;
    },
    release: () => steps.dispatchEvent(new Event('released')),
  };
}
