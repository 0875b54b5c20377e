import { mkdirSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { readdir, rm } from 'node:fs/promises';
import path from 'node:path';
import { messageOf, systemCode } from '../../platform/errors';
import { writeFileAtomic } from '../../platform/files';
import { processHash } from '../../servers/process-fields';
import type { ServerDefinition } from '../../servers/schema';
import { catalogueBytes, parseCatalogue, type CachedServer } from './file';

/** The largest catalogue that is kept, in bytes. */
const maximumBytes = 16 * 1024 * 1024;
/** How many servers are remembered; the ones seen longest ago go first. */
const maximumFiles = 200;
/** A server that announces change after change is written once. */
const settleMs = 500;

/**
 * What is known of each server, kept in a folder from one run to the next, so that lists are there before the servers
 * are. A file belongs to one name and one definition. What cannot be read is as if it were not there, and reported.
 */
export class CatalogueCache {
  readonly #pendingWrites = new Map<string, { timer: NodeJS.Timeout; write: () => Promise<void> }>();
  readonly #writing = new Set<Promise<void>>();
  /** The bytes that each file has. */
  readonly #written = new Map<string, Buffer>();

  constructor(
    readonly folder: string,
    readonly report: (problem: string) => void,
  ) {}

  /** What an earlier run knew of the server. Reads at once: at the start the lists must be there before the first request. */
  load(name: string, definition: ServerDefinition): CachedServer | undefined {
    const file = this.#fileOf(name, definition);
    try {
      const bytes = readFileSync(file);
      const known = parseCatalogue(bytes, name);
      this.#written.set(file, bytes);
      return known;
    } catch (error) {
      if (systemCode(error) !== 'ENOENT')
        this.report(`the catalogue of "${name}" in ${file} cannot be used: ${messageOf(error)}`);
      return undefined;
    }
  }

  /** Writes what is known of a server, a little later. */
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

  /** Writes what waits to be written. */
  async flush(): Promise<void> {
    const due = [...this.#pendingWrites.values()];
    this.#pendingWrites.clear();
    for (const { timer } of due) clearTimeout(timer);
    await Promise.all([...this.#writing, ...due.map(async ({ write }) => write())]);
  }

  /** Makes the folder, and forgets what nobody has asked for in the longest time. */
  prepare(): void {
    try {
      mkdirSync(this.folder, { recursive: true, mode: 0o700 });
      const files = readdirSync(this.folder).map((name) => path.join(this.folder, name));
      if (files.length <= maximumFiles) return;
      const ages = files.map((file) => ({ file, seen: statSync(file).mtimeMs }));
      const old = ages.sort((a, b) => b.seen - a.seen).slice(maximumFiles);
      for (const { file } of old) void rm(file, { force: true });
    } catch (error) {
      this.report(`the catalogues in ${this.folder} cannot be kept: ${messageOf(error)}`);
    }
  }

  async #write(name: string, definition: ServerDefinition, known: CachedServer): Promise<void> {
    const file = this.#fileOf(name, definition);
    const bytes = catalogueBytes(name, known);
    if (this.#written.get(file)?.equals(bytes) === true) return;
    if (bytes.length > maximumBytes) {
      this.report(`the catalogue of "${name}" is not kept: it has more than ${maximumBytes} bytes`);
      return;
    }
    try {
      await writeFileAtomic(file, bytes, { mode: 0o600 });
      this.#written.set(file, bytes);
      await this.#forgetOthers(name, file);
    } catch (error) {
      this.report(`the catalogue of "${name}" could not be written to ${file}: ${messageOf(error)}`);
    }
  }

  /** Files of the same name and of another definition. */
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
