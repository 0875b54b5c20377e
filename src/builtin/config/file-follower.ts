import { watch, type FSWatcher } from 'node:fs';
import { stat } from 'node:fs/promises';
import path from 'node:path';

/** Some mounts send no watch events, so the files are also checked at this interval. */
const pollMs = 2000;
/** Editors write a file in several steps. */
const settleMs = 100;

/** Reports that files may have changed: written in place, replaced, or on a mount without watch events. */
export class FileFollower {
  #watcher: FSWatcher | undefined;
  readonly #poll: NodeJS.Timeout;
  #debounce: NodeJS.Timeout | undefined;

  /** Watches the files of one folder. `onChange` finds out what is different. */
  constructor(
    folder: string,
    readonly onChange: () => void,
  ) {
    this.#poll = setInterval(onChange, pollMs).unref();
    try {
      this.#watcher = watch(folder, { persistent: false }, () => this.#soon());
      this.#watcher.on('error', () => this.#watcher?.close());
    } catch {
      // There is no such folder, or no watch is left. The poll is enough.
    }
  }

  dispose(): void {
    clearInterval(this.#poll);
    clearTimeout(this.#debounce);
    this.#watcher?.close();
  }

  #soon(): void {
    clearTimeout(this.#debounce);
    this.#debounce = setTimeout(this.onChange, settleMs).unref();
  }
}

/** A text that changes when one of the files changes. */
export async function fingerprint(files: readonly string[]): Promise<string> {
  const parts = files.map(async (file) => {
    const info = await stat(file).catch(() => undefined);
    return info ? `${path.basename(file)}:${info.ino}:${info.size}:${info.mtimeMs}` : `${file}:none`;
  });
  return (await Promise.all(parts)).join('|');
}
