import type { RotatingFile } from './rotating-file';

/** Lines that come closer together go out together, in milliseconds. */
const batchWindowMs = 0.05;

/** Writes that take longer on the average show a disk that would hold up every client. */
const slowMs = 10;
/** What the last write counts for in the average: one that was only kept from the processor does not decide. */
const weight = 0.1;
/** How long a slow disk is written to from another thread before it is tried in place again. */
const slowForMs = 10_000;

interface Batch {
  lines: string[];
  /** Resolves when the lines are written, or could not be and that was reported. */
  written: Promise<void>;
}

/**
 * Lines that are handed to the kernel before anybody acts on them: they outlive the death of this process by whatever
 * signal. A line that comes alone is written at once; those that come soon after one go out in one write at the end of
 * their turn of the event loop. A write into the page cache takes a few microseconds, a tenth of the way to another thread
 * and back, so it is made in place, until the disk proves slow.
 */
export class LineFile {
  #batch: Batch | undefined;
  #before: Promise<void> | undefined;
  #lastAt = -Infinity;
  #slowUntil = 0;
  #averageMs = 0;

  constructor(
    readonly file: RotatingFile,
    readonly onFailure: (error: unknown, lines: number) => void,
    readonly now = (): number => performance.now(),
  ) {}

  /**
   * Resolves when the line, which ends with a line feed, is written, or could not be and that was reported; `undefined` when
   * that is so already.
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

  /** While a slow write is under way, the batch goes on growing. */
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
    } catch (error) {
      this.#failed(error, lines);
    }
  }

  #attempt(write: () => void, lines: number): void {
    try {
      write();
    } catch (error) {
      this.#failed(error, lines);
    }
  }

  /** The next write opens the file anew: its disk may be back. */
  #failed(error: unknown, lines: number): void {
    this.onFailure(error, lines);
    try {
      this.file.close();
    } catch (closing) {
      this.onFailure(closing, 0);
    }
  }
}
