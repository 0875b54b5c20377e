/** The maximum that is kept of one line. The readers of the lines shorten them further, after secrets are removed. */
const longestLine = 64 * 1024;

const lineFeed = 0x0a;
const carriageReturn = 0x0d;

/** Splits a log into lines. A progress bar may end lines with `\r` alone. A line is cut after 64 KiB. */
export class LogLines {
  #partial: Buffer[] = [];
  #length = 0;

  constructor(readonly onLine: (line: string) => void) {}

  push(chunk: Buffer): void {
    let start = 0;
    for (const [at, byte] of chunk.entries()) {
      if (byte !== lineFeed && byte !== carriageReturn) continue;
      this.#keep(chunk.subarray(start, at));
      this.#emit();
      start = at + 1;
    }
    this.#keep(chunk.subarray(start));
  }

  #keep(part: Buffer): void {
    const kept = part.subarray(0, longestLine - this.#length);
    if (kept.length === 0) return;
    // Copied, so that a short rest does not keep the whole chunk in memory.
    this.#partial.push(Buffer.from(kept));
    this.#length += kept.length;
  }

  #emit(): void {
    if (this.#length > 0) this.onLine(Buffer.concat(this.#partial).toString('utf8'));
    this.#partial = [];
    this.#length = 0;
  }
}
