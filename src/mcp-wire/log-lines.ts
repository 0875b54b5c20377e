/** The most that is kept of one line. What reads the lines cuts them shorter still, once secrets are out of them. */
const longestLine = 64 * 1024;

const lineFeed = 0x0a;
const carriageReturn = 0x0d;

/** Splits a log into lines, where a progress bar may end them with `\r` alone. Of a line of more than 64 KiB the rest is left out. */
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
    // A copy: a short rest must not keep the whole chunk in memory.
    this.#partial.push(Buffer.from(kept));
    this.#length += kept.length;
  }

  #emit(): void {
    if (this.#length > 0) this.onLine(Buffer.concat(this.#partial).toString('utf8'));
    this.#partial = [];
    this.#length = 0;
  }
}
