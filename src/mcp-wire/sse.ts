/** One server-sent event as bytes. Line breaks in `data` become several `data:` lines, as the format requires. */
export function eventBytes(data: Buffer | string, event?: string): Buffer {
  const head = event === undefined ? '' : `event: ${event}\n`;
  const body = Buffer.from(data);
  if (!body.includes(0x0a) && !body.includes(0x0d))
    return Buffer.concat([Buffer.from(`${head}data: `), body, Buffer.from('\n\n')]);
  const lines = body.toString('utf8').split(/\r\n|\r|\n/);
  return Buffer.from(`${head}${lines.map((line) => `data: ${line}\n`).join('')}\n`);
}

/** How often, in milliseconds, an idle stream sends a keep-alive comment. */
export const keepAliveMs = 15_000;

export const keepAliveComment = ': keep-alive\n\n';

/**
 * Splits a stream of bytes into server-sent events. It calls `onData` with the data of each event that has data, `onOther`
 * with every other line (`id:`, `retry:`, comments), and `onEventEnd` at the end of each event, when its id takes effect.
 * See https://html.spec.whatwg.org/multipage/server-sent-events.html#event-stream-interpretation
 */
export class SseParser {
  #partial: Buffer[] = [];
  #data: Buffer[] = [];
  #skipLineFeed = false;

  constructor(
    readonly onData: (data: Buffer) => void,
    readonly onOther: (line: Buffer) => void = () => undefined,
    readonly onEventEnd: () => void = () => undefined,
  ) {}

  push(chunk: Buffer): void {
    let start = this.#skipLineFeed && chunk[0] === 0x0a ? 1 : 0;
    if (chunk.length > 0) this.#skipLineFeed = false;
    for (;;) {
      const end = lineEnd(chunk, start);
      if (end < 0) break;
      this.#line(this.#complete(chunk.subarray(start, end)));
      start = end + 1;
      if (chunk[end] !== 0x0d) continue;
      if (start === chunk.length) this.#skipLineFeed = true;
      else if (chunk[start] === 0x0a) start += 1;
    }
    if (start < chunk.length) this.#partial.push(chunk.subarray(start));
  }

  #complete(last: Buffer): Buffer {
    return this.#partial.length === 0 ? last : Buffer.concat([...this.#partial.splice(0), last]);
  }

  #line(line: Buffer): void {
    if (line.length === 0) {
      const [first, ...more] = this.#data.splice(0);
      if (first)
        this.onData(
          more.length === 0 ? first : Buffer.concat([first, ...more.flatMap((part) => [newline, part])]),
        );
      this.onEventEnd();
      return;
    }
    if (line.length < 5 || line.toString('latin1', 0, 5) !== 'data:') {
      this.onOther(line);
      return;
    }
    this.#data.push(line.subarray(line[5] === 0x20 ? 6 : 5));
  }
}

const newline = Buffer.from('\n');

function lineEnd(buffer: Buffer, start: number): number {
  const feed = buffer.indexOf(0x0a, start);
  const carriage = buffer.subarray(start, feed < 0 ? undefined : feed).indexOf(0x0d);
  return carriage < 0 ? feed : start + carriage;
}
