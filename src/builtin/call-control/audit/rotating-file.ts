import {
  closeSync,
  fstatSync,
  mkdirSync,
  openSync,
  renameSync,
  rmSync,
  statSync,
  write,
  writeSync,
} from 'node:fs';
import path from 'node:path';
import { systemCode } from '../../../platform/errors';

export interface RotatingFileOptions {
  /** From this size on the file is put aside. */
  maxBytes: number;
  /** How many files are kept, the present one included. */
  files: number;
}

/** How often it is looked whether somebody has removed or renamed the file. */
const lookEveryMs = 1000;

/**
 * A file that is appended to and put aside when it is full: `audit.jsonl` as `audit.1.jsonl`, that one as
 * `audit.2.jsonl`. When somebody takes it away, it is begun anew.
 */
export class RotatingFile {
  #descriptor: number | undefined;
  #inode = 0;
  #size = 0;
  #lookedAt = 0;

  constructor(
    readonly file: string,
    public options: RotatingFileOptions,
  ) {}

  /** Hands a text to the kernel, in this thread. */
  writeNow(text: string): void {
    const descriptor = this.#open();
    const length = Buffer.byteLength(text);
    const written = writeSync(descriptor, text);
    this.#size += length;
    if (written === length) return;
    const bytes = Buffer.from(text);
    for (let done = written; done < length;) done += writeSync(descriptor, bytes, done);
  }

  /** The same from another thread. */
  async write(text: string): Promise<void> {
    const descriptor = this.#open();
    const bytes = Buffer.from(text);
    for (let done = 0; done < bytes.length;) done += await writePart(descriptor, bytes, done);
    this.#size += bytes.length;
  }

  close(): void {
    const descriptor = this.#descriptor;
    this.#descriptor = undefined;
    if (descriptor !== undefined) closeSync(descriptor);
  }

  #open(): number {
    if (this.#descriptor !== undefined && this.#size >= this.options.maxBytes) this.#rotate();
    if (this.#descriptor !== undefined && this.#isGone()) this.close();
    if (this.#descriptor !== undefined) return this.#descriptor;
    mkdirSync(path.dirname(this.file), { recursive: true, mode: 0o700 });
    this.#descriptor = openSync(this.file, 'a', 0o600);
    const { size, ino } = fstatSync(this.#descriptor);
    this.#size = size;
    this.#inode = ino;
    return this.#descriptor;
  }

  #isGone(): boolean {
    const now = performance.now();
    if (now - this.#lookedAt < lookEveryMs) return false;
    this.#lookedAt = now;
    return inodeOf(this.file) !== this.#inode;
  }

  #rotate(): void {
    this.close();
    const { files } = this.options;
    for (let n = files - 1; n >= 1; n -= 1) renameIfExists(this.#numbered(n - 1), this.#numbered(n));
    if (files === 1) rmSync(this.file, { force: true });
  }

  #numbered(n: number): string {
    const { dir, name, ext } = path.parse(this.file);
    return n === 0 ? this.file : path.join(dir, `${name}.${n}${ext}`);
  }
}

function inodeOf(file: string): number | undefined {
  return statSync(file, { throwIfNoEntry: false })?.ino;
}

function renameIfExists(from: string, to: string): void {
  try {
    renameSync(from, to);
  } catch (error) {
    if (systemCode(error) !== 'ENOENT') throw error;
  }
}

async function writePart(descriptor: number, bytes: Buffer, from: number): Promise<number> {
  return await new Promise((resolve, reject) => {
    write(descriptor, bytes, from, bytes.length - from, null, (error, written) => {
      if (error) reject(error);
      else resolve(written);
    });
  });
}
