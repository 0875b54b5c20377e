import { mkdirSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { readdir, rm } from 'node:fs/promises';
import path from 'node:path';
import { messageOf, systemCode } from '../../platform/errors';
import { writeFileAtomic } from '../../platform/files';
import { sentence } from '../../platform/sentence';
import { processHash } from '../../servers/process-fields';
import type { ServerDefinition } from '../../servers/schema';
import { catalogueBytes, parseCatalogue, type CachedServer } from './file';

/** The largest catalogue that is saved, in bytes. */
const maximumBytes = 16 * 1024 * 1024;
/** The maximum number of files. The oldest are removed first. */
const maximumFiles = 200;
/** Several changes within this time are written once. */
const settleMs = 500;

/**
 * Saves the lists and the handshake result of each server in a folder, so that the next run can show lists before its
 * servers are up. A file belongs to one name and one definition. A file that cannot be read is reported and ignored.
 */
export class CatalogueCache {
  readonly #pendingWrites = new Map<string, { timer: NodeJS.Timeout; write: () => Promise<void> }>();
  readonly #writing = new Set<Promise<void>>();
  /** The content of each file. */
  readonly #written = new Map<string, Buffer>();

  constructor(
    readonly folder: string,
    readonly report: (problem: string) => void,
  ) {}

  /** Loads what an earlier run saved. It reads synchronously, because the lists must be there before the first request. */
  load(name: string, definition: ServerDefinition): CachedServer | undefined {
    const file = this.#fileOf(name, definition);
    try {
      const bytes = readFileSync(file);
      const known = parseCatalogue(bytes, name);
      this.#written.set(file, bytes);
      return known;
    } catch (error) {
      if (systemCode(error) !== 'ENOENT')
        this.report(sentence(`The catalogue of "${name}" in ${file} cannot be used: ${messageOf(error)}`));
      return undefined;
    }
  }

  /** Saves the data of a server after a short delay. */
  save(name: string, definition: ServerDefinition, known: CachedServer): void {
    clearTimeout(this.#pendingWrites.get(name)?.timer);
    const write = async (): Promise<void> => this.#write(name, definition, known);
    const timer = setTimeout(() => {
      this.#pendingWrites.delete(name);
      const writing = write().finally(() => this.#writing.delete(writing));
      this.#writing.add(writing);
    }, settleMs).unref();
    this.#pendingWrites.set(name, { timer, write });
  }

  /** Writes everything that is waiting to be written. */
  async flush(): Promise<void> {
    const due = [...this.#pendingWrites.values()];
    this.#pendingWrites.clear();
    for (const { timer } of due) clearTimeout(timer);
    await Promise.all([...this.#writing, ...due.map(async ({ write }) => write())]);
  }

  /** Creates the folder, and removes the oldest files when there are too many. */
  prepare(): void {
    try {
      mkdirSync(this.folder, { recursive: true, mode: 0o700 });
      const files = readdirSync(this.folder).map((name) => path.join(this.folder, name));
      if (files.length <= maximumFiles) return;
      const ages = files.map((file) => ({ file, seen: statSync(file).mtimeMs }));
      const old = ages.sort((a, b) => b.seen - a.seen).slice(maximumFiles);
      for (const { file } of old) void rm(file, { force: true });
    } catch (error) {
      this.report(sentence(`Catalogues cannot be saved in ${this.folder}: ${messageOf(error)}`));
    }
  }

  async #write(name: string, definition: ServerDefinition, known: CachedServer): Promise<void> {
    const file = this.#fileOf(name, definition);
    const bytes = catalogueBytes(name, known);
    if (this.#written.get(file)?.equals(bytes) === true) return;
    if (bytes.length > maximumBytes) {
      this.report(
        `The catalogue of "${name}" is not saved, because it is larger than ${maximumBytes} bytes.`,
      );
      return;
    }
    try {
      await writeFileAtomic(file, bytes, { mode: 0o600 });
      this.#written.set(file, bytes);
      await this.#forgetOthers(name, file);
    } catch (error) {
      this.report(
        sentence(`The catalogue of "${name}" could not be written to ${file}: ${messageOf(error)}`),
      );
    }
  }

  /** Removes files of the same server with another definition. */
  async #forgetOthers(name: string, kept: string): Promise<void> {
    for (const entry of await readdir(this.folder)) {
      const file = path.join(this.folder, entry);
      if (file === kept || entry.replace(/\.[0-9a-f]{16}\.catalogue$/, '') !== name) continue;
      this.#written.delete(file);
      await rm(file, { force: true });
    }
  }

  #fileOf(name: string, definition: ServerDefinition): string {
    return path.join(this.folder, `${name}.${processHash(definition)}.catalogue`);
  }
}
