import type { RotatingFile } from './rotating-file';

/** Lines within this time are written together, in milliseconds. */
const batchWindowMs = 0.05;

/** When writes take longer than this on average, the disk is too slow to write in this thread. */
const slowMs = 10;
/** The weight of the last write in the average, so that one write that was delayed by the scheduler does not decide. */
const weight = 0.1;
/** How long another thread writes to a slow disk, before writing in this thread is tried again. */
const slowForMs = 10_000;

export interface LineFileHost {
  /** Lines could not be written. */
  failed(error: unknown, lines: number): void;
  /** Lines are written again after a failure. */
  mended(): void;
}

interface Batch {
  lines: string[];
  /** Resolves when the lines were written, or the failure was reported. */
  written: Promise<void>;
}

/**
 * Writes lines to the kernel before the caller continues, so that they survive the death of this process by any signal. A
 * single line is written at once. Lines soon after it are written together at the end of the event loop turn. A write into
 * the page cache takes a few microseconds, a tenth of the time for another thread, so it is done in this thread until the
 * disk proves slow.
 */
export class LineFile {
  #batch: Batch | undefined;
  #before: Promise<void> | undefined;
  #lastAt = -Infinity;
  #slowUntil = 0;
  #averageMs = 0;
  #failing = false;

  constructor(
    readonly file: RotatingFile,
    readonly host: LineFileHost,
    readonly now = (): number => performance.now(),
  ) {}

  /**
   * Writes a line, which must end with a line feed. Resolves when it was written, or the failure was reported. `undefined`
   * when that has already happened.
   */
  append(line: string): Promise<void> | undefined {
    const now = this.now();
    const together = now - this.#lastAt < batchWindowMs;
    this.#lastAt = now;
    if (!together && !this.#batch && !this.#before && now >= this.#slowUntil) {
      this.#writeNow(line, 1);
      return undefined;
    }
    this.#batch ??= this.#begin();
    this.#batch.lines.push(line);
    return this.#batch.written;
  }

  /** Resolves when everything is written. */
  async close(): Promise<void> {
    while (this.#batch ?? this.#before) await (this.#batch?.written ?? this.#before);
    this.file.close();
  }

  #begin(): Batch {
    const lines: string[] = [];
    const written = new Promise<void>((resolve) => {
      setImmediate(() => this.#end(lines, resolve));
    });
    return { lines, written };
  }

  /** While a slow write is in progress, the batch continues to grow. */
  #end(lines: readonly string[], ended: () => void): void {
    if (this.#before) {
      void this.#before.then(() => this.#end(lines, ended));
      return;
    }
    this.#batch = undefined;
    const text = lines.join('');
    if (this.now() < this.#slowUntil) {
      this.#before = this.#write(text, lines.length).finally(() => (this.#before = undefined));
      void this.#before.then(ended);
      return;
    }
    this.#writeNow(text, lines.length);
    ended();
  }

  #writeNow(text: string, lines: number): void {
    const start = this.now();
    this.#attempt(() => this.file.writeNow(text), lines);
    this.#timed(this.now() - start);
  }

  #timed(ms: number): void {
    this.#averageMs += (ms - this.#averageMs) * weight;
    if (this.#averageMs <= slowMs) return;
    this.#averageMs = 0;
    this.#slowUntil = this.now() + slowForMs;
  }

  async #write(text: string, lines: number): Promise<void> {
    try {
      await this.file.write(text);
      this.#succeeded();
    } catch (error) {
      this.#failed(error, lines);
    }
  }

  #attempt(write: () => void, lines: number): void {
    try {
      write();
      this.#succeeded();
    } catch (error) {
      this.#failed(error, lines);
    }
  }

  /** Reports the failure and closes the file. The next write opens it again, because the disk may be available again. */
  #failed(error: unknown, lines: number): void {
    this.#failing = true;
    this.host.failed(error, lines);
    try {
      this.file.close();
    } catch (closing) {
      this.host.failed(closing, 0);
    }
  }

  #succeeded(): void {
    if (!this.#failing) return;
    this.#failing = false;
    this.host.mended();
  }
}
