import { nextFields, type ServersFileProblem } from '../../servers/api-types';
import path from 'node:path';
import { AppError, messageOf } from '../../platform/errors';
import { exists } from '../../platform/files';
import { loadServersFile, personalFileOf } from '../../servers/load';
import { defaultSettings } from '../../servers/gateway-settings';
import type { ServersFile } from '../../servers/schema';
import { FileFollower, fingerprint } from './file-follower';

/** The result of the last read. After a failure, `file` is the last good one, or has no servers. */
export interface LoadedServers {
  file: ServersFile;
  source: string | null;
  problem: ServersFileProblem | null;
}

/**
 * The servers file with the personal file beside it. Both are watched for changes: in place, by rename, or on a mount
 * without watch events. When a file cannot be read, the last good state stays in use, and `problem` says why.
 */
export class ServersSource {
  #current: LoadedServers = {
    file: { servers: new Map(), kind: 'builtin', settings: defaultSettings },
    source: null,
    problem: null,
  };
  #seen = '';
  #follower: FileFollower | undefined;

  constructor(
    readonly file: string | undefined,
    readonly fallback: string | undefined,
    readonly onChanged: (loaded: LoadedServers) => void,
  ) {}

  get current(): LoadedServers {
    return this.#current;
  }

  /** Reads the files once. Never throws: the result contains the problem. */
  async load(): Promise<LoadedServers> {
    const source = await this.#choose();
    if (source === undefined) return this.#current;
    this.#seen = await fingerprint([source, personalFileOf(source)]);
    try {
      this.#current = { file: await loadServersFile(source), source, problem: null };
    } catch (error) {
      this.#current = { ...this.#current, source, problem: problemOf(error, source) };
    }
    return this.#current;
  }

  /** Starts to watch the files. */
  follow(): void {
    if (this.file === undefined) return;
    this.#follower = new FileFollower(path.dirname(this.file), () => void this.#check());
  }

  dispose(): void {
    this.#follower?.dispose();
  }

  async #check(): Promise<void> {
    const source = await this.#choose();
    if (source === undefined || (await fingerprint([source, personalFileOf(source)])) === this.#seen) return;
    this.onChanged(await this.load());
  }

  /** Uses the copy inside the image when the file does not exist. */
  async #choose(): Promise<string | undefined> {
    if (this.file === undefined || this.fallback === undefined) return this.file;
    return (await exists(this.file)) ? this.file : this.fallback;
  }
}

function problemOf(error: unknown, source: string): ServersFileProblem {
  const known = error instanceof AppError ? error : undefined;
  return {
    message: messageOf(error),
    file: known?.location?.file ?? source,
    line: known?.location?.line ?? null,
    column: known?.location?.column ?? null,
    ...nextFields(
      known?.code === 'not-found' && known.next !== undefined
        ? known.next
        : 'Correct the file. The gateway reads it again by itself.',
    ),
  };
}
