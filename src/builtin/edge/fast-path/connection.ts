import type { Socket } from 'node:net';
import { readRequest, type RequestHead, type WholeRequest } from './request';
import { FastResponse } from './response';

export interface FastPathHost {
  /** How long an idle connection stays open for the next request. */
  readonly keepAliveMs: number;
  /** Handles a request. Returns `false`, and writes nothing, when the request is not for the fast path. */
  handle(request: WholeRequest, response: FastResponse): boolean;
  /** Hands the connection over to Node's HTTP server. */
  handOver(socket: Socket): void;
  /** Called when the connection has ended or was handed over. */
  left(connection: FastConnection): void;
}

/** How often {@link FastConnection.look} is to be called. */
export const lookEveryMs = 1000;

/**
 * A client connection with simple requests: POSTs to an MCP endpoint, each of which arrives complete. They are read and
 * answered here. This halves the HTTP cost of a call, because Node creates two streams with many events for each request.
 *
 * Everything else is handled by Node's HTTP server. At the first request of another kind, or one that is not complete
 * after a second, the connection is handed over permanently, with the bytes that were read but not answered.
 */
export class FastConnection {
  /** Bytes that were not processed yet: a part of a request, or what follows a request that is not answered yet. */
  #held: Buffer | undefined;
  #response: FastResponse | undefined;
  #lastHead: RequestHead | undefined;
  /** The number of checks since the last activity. */
  #quietLooks = 0;
  #handedOver = false;
  readonly #onAnswered = (isLast: boolean): void => this.#answered(isLast);
  readonly #onData = (chunk: Buffer): void => this.#received(chunk);
  // Like Node's HTTP server: a client that has closed its side gets no more responses.
  readonly #onEnd = (): void => void this.socket.end();
  readonly #onClose = (): void => this.#closed();
  // The connection ends after an error, so there is nothing else to do.
  readonly #onError = (): void => undefined;

  constructor(
    readonly socket: Socket,
    readonly host: FastPathHost,
  ) {
    socket
      .on('data', this.#onData)
      .on('end', this.#onEnd)
      .on('close', this.#onClose)
      .on('error', this.#onError);
  }

  /** Called every second: closes an idle connection, and hands over one with an incomplete request. */
  look(): void {
    if (this.#response) return;
    this.#quietLooks += 1;
    const idle = this.#lastHead !== undefined && this.#held === undefined;
    if (!idle && this.#quietLooks > 1) this.#handOver(this.#held);
    else if (this.#quietLooks > this.host.keepAliveMs / lookEveryMs) this.socket.destroy();
  }

  #received(chunk: Buffer): void {
    const bytes = this.#held ? Buffer.concat([this.#held, chunk]) : chunk;
    if (this.#response) this.#hold(bytes);
    else this.#next(bytes);
  }

  /** Requests are answered one after the other. While one is pending, no further request is read. */
  #hold(bytes: Buffer): void {
    this.#held = bytes;
    this.socket.pause();
  }

  #next(bytes: Buffer): void {
    // Bytes after the last request are ignored.
    if (!this.socket.writable) return;
    const request = readRequest(bytes, this.#lastHead);
    if (request === 'other') {
      this.#handOver(bytes);
      return;
    }
    if (request === undefined) {
      if (this.#held === undefined) this.#quietLooks = 0;
      this.#held = bytes;
      return;
    }
    const end = request.head.bytes.length + request.body.length;
    this.#held = undefined;
    if (bytes.length > end) this.#hold(bytes.subarray(end));
    this.#lastHead = request.head;
    const response = new FastResponse(this.socket, this.host.keepAliveMs / 1000, this.#onAnswered);
    this.#response = response;
    if (this.host.handle(request, response)) return;
    this.#response = undefined;
    this.#handOver(bytes);
  }

  #answered(isLast: boolean): void {
    this.#response = undefined;
    this.#quietLooks = 0;
    if (isLast) this.socket.destroySoon();
    else if (this.socket.writableNeedDrain) {
      // No more requests are read from a client that does not read its responses.
      this.socket.pause();
      this.socket.once('drain', () => this.#goOn());
    } else if (this.#held) setImmediate(() => this.#goOn());
  }

  #goOn(): void {
    if (this.#response || this.#handedOver || this.socket.destroyed) return;
    const bytes = this.#held;
    this.#held = undefined;
    this.socket.resume();
    if (bytes) this.#next(bytes);
  }

  #handOver(bytes: Buffer | undefined): void {
    const { socket } = this;
    this.#handedOver = true;
    socket
      .off('data', this.#onData)
      .off('end', this.#onEnd)
      .off('close', this.#onClose)
      .off('error', this.#onError);
    this.host.left(this);
    socket.resume();
    this.host.handOver(socket);
    if (bytes) socket.emit('data', bytes);
  }

  #closed(): void {
    this.host.left(this);
    this.#response?.closed();
  }
}
