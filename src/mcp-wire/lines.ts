/** Splits a stream of bytes into lines: stdio has one message per line. A line longer than `limit` is reported and dropped. */
export class LineSplitter {
  #partial: Buffer[] = [];
  #length = 0;

  constructor(
    readonly onLine: (line: Buffer) => void,
    readonly limit = 256 * 1024 * 1024,
    readonly onTooLong: () => void = () => undefined,
  ) {}

  push(chunk: Buffer): void {
    let start = 0;
    for (;;) {
      const end = chunk.indexOf(0x0a, start);
      if (end < 0) break;
      this.#keep(chunk.subarray(start, end));
      this.#emit();
      start = end + 1;
    }
    if (start < chunk.length) this.#keep(chunk.subarray(start));
  }

  #keep(part: Buffer): void {
    this.#length += part.length;
    if (this.#length > this.limit) this.#partial = [];
    else this.#partial.push(part);
  }

  #emit(): void {
    const tooLong = this.#length > this.limit;
    const line = this.#partial.length === 1 ? this.#partial[0] : Buffer.concat(this.#partial);
    this.#partial = [];
    this.#length = 0;
    if (tooLong) this.onTooLong();
    else if (line && line.length > 0) this.onLine(line);
  }
}
