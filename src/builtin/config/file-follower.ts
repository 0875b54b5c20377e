import { watch, type FSWatcher } from 'node:fs';
import { stat } from 'node:fs/promises';
import path from 'node:path';

/** Watch events are missing on some mounts, so the files are looked at this often as well. */
const pollMs = 2000;
/** Editors write in several steps. */
const settleMs = 100;

/** Says that files may have changed: written in place, replaced by another, or on a mount without watch events. */
export class FileFollower {
  #watcher: FSWatcher | undefined;
  readonly #poll: NodeJS.Timeout;
  #debounce: NodeJS.Timeout | undefined;

  /** Follows the files of one folder; `onChange` looks for itself at what is different. */
  constructor(
    folder: string,
    readonly onChange: () => void,
  ) {
    this.#poll = setInterval(onChange, pollMs).unref();
    try {
      this.#watcher = watch(folder, { persistent: false }, () => this.#soon());
      this.#watcher.on('error', () => this.#watcher?.close());
    } catch {
      // No such folder, or no watches left: the poll is enough.
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

/** Differs when any of the files does. */
export async function fingerprint(files: readonly string[]): Promise<string> {
  const parts = files.map(async (file) => {
    const info = await stat(file).catch(() => undefined);
    return info ? `${path.basename(file)}:${info.ino}:${info.size}:${info.mtimeMs}` : `${file}:none`;
  });
  return (await Promise.all(parts)).join('|');
}
