import type { Socket } from 'node:net';
import { readRequest, type RequestHead, type WholeRequest } from './request';
import { FastResponse } from './response';

export interface FastPathHost {
  /** So long a connection without a request stays open for the next one. */
  readonly keepAliveMs: number;
  /** Takes a request; `false` when it is not one for the fast path, and nothing was written. */
  handle(request: WholeRequest, response: FastResponse): boolean;
  /** The connection is Node's from now on. */
  handOver(socket: Socket): void;
  /** The connection has ended, or was handed over. */
  left(connection: FastConnection): void;
}

/** How often {@link FastConnection.look} is to be called. */
export const lookEveryMs = 1000;

/**
 * One connection of a client whose requests are plain: POSTs to an MCP end point, each of which arrives whole. They are read
 * and answered here, which halves what HTTP costs a call: Node makes two streams with all their events for each request.
 *
 * Everything else stays with Node's HTTP server: with the first request that is anything else, or that has not arrived
 * in full after a second, the connection is handed over to it, with what was read and not answered, for good.
 */
export class FastConnection {
  /** What has arrived and was not taken yet: a part of a request, or what follows one that is not answered yet. */
  #held: Buffer | undefined;
  #response: FastResponse | undefined;
  #lastHead: RequestHead | undefined;
  /** How often it was looked at since something happened. */
  #quietLooks = 0;
  #handedOver = false;
  readonly #onAnswered = (isLast: boolean): void => this.#answered(isLast);
  readonly #onData = (chunk: Buffer): void => this.#received(chunk);
  // As Node's HTTP server does: who has said that it is done gets no more answers.
  readonly #onEnd = (): void => void this.socket.end();
  readonly #onClose = (): void => this.#closed();
  // The end of the connection follows, and is all there is to do about it.
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

  /** Called every second: ends a connection that is not used, hands over one on which a request does not arrive. */
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

  /** Requests are answered one after the other; as long as one is under way, no more of them are read. */
  #hold(bytes: Buffer): void {
    this.#held = bytes;
    this.socket.pause();
  }

  #next(bytes: Buffer): void {
    // What follows the last request is not taken.
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
      // A client that does not read its answers is not asked for more.
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
