import { closeSync, fstatSync, mkdirSync, openSync, renameSync, rmSync, write, writeSync } from 'node:fs';
import path from 'node:path';

export interface LineFileOptions {
  /** From this size on the file is put aside. */
  maxBytes: number;
  /** How many files are kept, the present one included. */
  files: number;
}

/** A write that takes longer shows a disk that would hold up every client. */
const slowMs = 20;
/** How long such a disk is then written to from another thread. */
const slowForMs = 30_000;

/**
 * Lines that are handed to the kernel before anybody acts on them: they outlive the death of this process by whatever
 * signal. All lines of one turn of the event loop go out in one write. A write into the page cache takes a few
 * microseconds, a tenth of the way to another thread and back, so it is made in place, until the disk proves slow.
 *
 * `audit.jsonl` is put aside as `audit.1.jsonl`, and that as `audit.2.jsonl`, when it is full.
 */
export class LineFile {
  #descriptor: number | undefined;
  #size = 0;
  #batch: string[] = [];
  #waiting: (() => void)[] = [];
  #scheduled = false;
  #slowUntil = 0;

  constructor(
    readonly file: string,
    public options: LineFileOptions,
    readonly onFailure: (error: unknown, lines: number) => void,
  ) {}

  /** Resolves when the line, which ends with a line feed, is written, or could not be and that was reported. */
  async append(line: string): Promise<void> {
    this.#batch.push(line);
    if (!this.#scheduled) {
      this.#scheduled = true;
      setImmediate(() => void this.#flush());
    }
    await new Promise<void>((resolve) => this.#waiting.push(resolve));
  }

  /** Resolves when everything is written. */
  async close(): Promise<void> {
    if (this.#scheduled) await new Promise<void>((resolve) => this.#waiting.push(resolve));
    this.#close();
  }

  #close(): void {
    if (this.#descriptor !== undefined) closeSync(this.#descriptor);
    this.#descriptor = undefined;
  }

  async #flush(): Promise<void> {
    const lines = this.#batch;
    const waiting = this.#waiting;
    this.#batch = [];
    this.#waiting = [];
    try {
      await this.#write(lines.join(''));
    } catch (error) {
      this.#abandon();
      this.onFailure(error, lines.length);
    }
    for (const resolve of waiting) resolve();
    // Lines that came during a slow write are the next batch.
    if (this.#batch.length > 0) setImmediate(() => void this.#flush());
    else this.#scheduled = false;
  }

  async #write(text: string): Promise<void> {
    const descriptor = this.#open();
    const bytes = Buffer.from(text);
    const before = performance.now();
    if (before < this.#slowUntil) await writeAll(descriptor, bytes);
    else {
      for (let done = 0; done < bytes.length;) done += writeSync(descriptor, bytes, done);
      const now = performance.now();
      if (now - before > slowMs) this.#slowUntil = now + slowForMs;
    }
    this.#size += bytes.length;
  }

  #open(): number {
    if (this.#descriptor !== undefined && this.#size >= this.options.maxBytes) this.#rotate();
    if (this.#descriptor === undefined) {
      mkdirSync(path.dirname(this.file), { recursive: true, mode: 0o700 });
      this.#descriptor = openSync(this.file, 'a', 0o600);
      this.#size = fstatSync(this.#descriptor).size;
    }
    return this.#descriptor;
  }

  #rotate(): void {
    this.#close();
    const { files } = this.options;
    for (let n = files - 1; n >= 1; n -= 1) {
      const from = n === 1 ? this.file : numbered(this.file, n - 1);
      renameIfExists(from, numbered(this.file, n));
    }
    if (files === 1) rmSync(this.file, { force: true });
  }

  /** The next write opens the file anew: it may have been removed, or its disk be back. */
  #abandon(): void {
    try {
      this.#close();
    } catch {
      this.#descriptor = undefined;
    }
  }
}

function numbered(file: string, n: number): string {
  const { dir, name, ext } = path.parse(file);
  return path.join(dir, `${name}.${n}${ext}`);
}

function renameIfExists(from: string, to: string): void {
  try {
    renameSync(from, to);
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'ENOENT')) throw error;
  }
}

async function writeAll(descriptor: number, bytes: Buffer): Promise<void> {
  for (let done = 0; done < bytes.length;) {
    const from = done;
    done += await new Promise<number>((resolve, reject) => {
      write(descriptor, bytes, from, bytes.length - from, null, (error, written) => {
        if (error) reject(error);
        else resolve(written);
      });
    });
  }
}
