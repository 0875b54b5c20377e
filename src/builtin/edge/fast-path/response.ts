import { STATUS_CODES } from 'node:http';
import type { Socket } from 'node:net';
import type { EdgeResponse, ResponseHeaders } from '../http';

/** Writes the response on the fast path: in one write when it is short and complete, in chunks when it is a stream. */
export class FastResponse implements EdgeResponse {
  #status = 200;
  #headers: ResponseHeaders = {};
  #headersSent = false;
  /** Whether the head was sent, and chunks follow. */
  #streaming = false;
  #ended = false;
  #closed = false;
  #listeners: (() => void)[] | undefined;

  /** `onEnd` receives whether the connection must be closed now. */
  constructor(
    readonly socket: Socket,
    readonly keepAliveSeconds: number,
    readonly onEnd: (isLast: boolean) => void,
  ) {}

  get headersSent(): boolean {
    return this.#headersSent;
  }

  get writableEnded(): boolean {
    return this.#ended;
  }

  get destroyed(): boolean {
    return this.#closed || this.socket.destroyed;
  }

  get writableLength(): number {
    return this.socket.writableLength;
  }

  writeHead(status: number, headers: ResponseHeaders = {}): this {
    this.#headersSent = true;
    this.#status = status;
    this.#headers = headers;
    return this;
  }

  write(chunk: Buffer | string): boolean {
    if (this.#ended || this.destroyed) return false;
    const { socket } = this;
    const head = this.#streaming ? '' : this.#head('transfer-encoding: chunked\r\n');
    this.#streaming = true;
    // An empty chunk would end the response.
    if (chunk.length === 0) return socket.write(head, 'latin1');
    socket.cork();
    socket.write(`${head}${Buffer.byteLength(chunk).toString(16)}\r\n`, 'latin1');
    socket.write(chunk);
    const taken = socket.write('\r\n', 'latin1');
    socket.uncork();
    return taken;
  }

  end(chunk: Buffer | string = '', encoding: BufferEncoding = 'utf8'): this {
    if (this.#ended || this.destroyed) return this;
    if (this.#streaming) {
      if (chunk.length > 0) this.write(chunk);
      this.socket.write('0\r\n\r\n', 'latin1');
    } else this.#writeWhole(chunk, encoding);
    this.#ended = true;
    this.onEnd(this.#headers['connection'] === 'close');
    if (this.#listeners) process.nextTick(() => this.closed());
    return this;
  }

  destroy(): this {
    this.socket.destroy();
    return this;
  }

  on(_event: 'close', listener: () => void): this {
    (this.#listeners ??= []).push(listener);
    return this;
  }

  /** Calls the listeners once, when the response or its connection has ended. */
  closed(): void {
    this.#closed = true;
    const listeners = this.#listeners;
    this.#listeners = undefined;
    for (const listener of listeners ?? []) listener();
  }

  #writeWhole(chunk: Buffer | string, encoding: BufferEncoding): void {
    const { socket } = this;
    const isSized = this.#headers['content-length'] !== undefined;
    const length = isSized ? '' : `content-length: ${Buffer.byteLength(chunk, encoding)}\r\n`;
    const head = this.#head(length);
    // A latin1 text is sent with the head as one string, because the write is the largest cost of a call.
    if (typeof chunk === 'string' && (encoding === 'latin1' || chunk === '')) {
      socket.write(head + chunk, 'latin1');
      return;
    }
    socket.cork();
    socket.write(head, 'latin1');
    socket.write(chunk, encoding);
    socket.uncork();
  }

  #head(framing: string): string {
    let head = `HTTP/1.1 ${this.#status} ${STATUS_CODES[this.#status] ?? 'unknown'}\r\n`;
    for (const name in this.#headers) head += `${name}: ${this.#headers[name] ?? ''}\r\n`;
    head += `${framing}Date: ${httpDate()}\r\n`;
    if (this.#headers['connection'] !== undefined) return `${head}\r\n`;
    return `${head}Connection: keep-alive\r\nKeep-Alive: timeout=${this.keepAliveSeconds}\r\n\r\n`;
  }
}

let dateSecond = 0;
let dateText = '';

/** The time in HTTP format. It is cached, because thousands of responses are sent in the same second. */
function httpDate(): string {
  const second = Math.trunc(Date.now() / 1000);
  if (second !== dateSecond) {
    dateSecond = second;
    dateText = new Date(second * 1000).toUTCString();
  }
  return dateText;
}
