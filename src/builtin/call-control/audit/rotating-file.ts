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
  /** The file is rotated when it reaches this size. */
  maxBytes: number;
  /** The number of files that are kept, including the current one. */
  files: number;
}

/** How often to check whether the file was removed or renamed. */
const lookEveryMs = 1000;

/**
 * A file that is appended to and rotated when it is full: `audit.jsonl` becomes `audit.1.jsonl`, which becomes
 * `audit.2.jsonl`. When the file was removed or renamed, a new one is created.
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

  /** Writes a text in this thread. */
  writeNow(text: string): void {
    const descriptor = this.#open();
    const length = Buffer.byteLength(text);
    const written = writeSync(descriptor, text);
    this.#size += length;
    if (written === length) return;
    const bytes = Buffer.from(text);
    for (let done = written; done < length;) done += writeSync(descriptor, bytes, done);
  }

  /** Writes a text in another thread. */
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
