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
  const open = fs.open;
  const steps = new EventTarget();
  const released = once(steps, 'released');
  let reads = 0;
  mock.method(fs, 'open', async (...args: Parameters<typeof open>) => {
    const handle = await open(...args);
    if (args[0] !== file || typeof args[1] !== 'number') return handle;
    reads += 1;
    if (reads > 1) return handle;
    const close = handle.close.bind(handle);
    mock.method(handle, 'close', async () => {
      steps.dispatchEvent(new Event('read'));
      await released;
      await close();
    });
    return handle;
  });
  return {
    hasRead: once(steps, 'read'),
    get reads() {
      return reads;
    },
    release: () => steps.dispatchEvent(new Event('released')),
  };
}
