import {
  closeSync,
  fstatSync,
  ftruncateSync,
  mkdirSync,
  openSync,
  readSync,
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
 * `audit.2.jsonl`. When the file was removed or renamed, a new one is created. A text is in the file as a whole or not at
 * all: what a full disk took only a part of is cut off again, and so is the part of a line that an earlier process left.
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
    try {
      const written = writeSync(descriptor, text);
      if (written < length) {
        const bytes = Buffer.from(text);
        for (let done = written; done < length;) done += writeSync(descriptor, bytes, done);
      }
      this.#size += length;
    } catch (error) {
      cutBack(descriptor, this.#size);
      throw error;
    }
  }

  /** Writes a text in another thread. */
  async write(text: string): Promise<void> {
    const descriptor = this.#open();
    const bytes = Buffer.from(text);
    try {
      for (let done = 0; done < bytes.length;) done += await writePart(descriptor, bytes, done);
      this.#size += bytes.length;
    } catch (error) {
      cutBack(descriptor, this.#size);
      throw error;
    }
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
    this.#descriptor = openSync(this.file, 'a+', 0o600);
    const { size, ino } = fstatSync(this.#descriptor);
    this.#size = endOfLines(this.#descriptor, size);
    if (this.#size < size) ftruncateSync(this.#descriptor, this.#size);
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

/** Removes what a failed write has added. Where that fails too, the next opening of the file does it. */
function cutBack(descriptor: number, size: number): void {
  try {
    ftruncateSync(descriptor, size);
  } catch {
    // The error of the write is the one to report.
  }
}

const lineFeed = 0x0a;
const pieceBytes = 64 * 1024;

/** The size of a file without the part of a line at its end. */
function endOfLines(descriptor: number, size: number): number {
  const piece = Buffer.alloc(Math.min(pieceBytes, size));
  for (let end = size; end > 0;) {
    const start = Math.max(0, end - piece.length);
    const read = readSync(descriptor, piece, 0, end - start, start);
    const last = piece.subarray(0, read).lastIndexOf(lineFeed);
    if (last >= 0) return start + last + 1;
    end = start;
  }
  return 0;
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
