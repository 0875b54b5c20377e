import type { IncomingMessage, ServerResponse } from 'node:http';
import { eventBytes, keepAliveComment } from '../wire/sse';
import { maximumLag, streamHeaders } from './event-stream';

const keepAliveMs = 15_000;

/** Below this a body is cheaper to send in one write with its head, as a string whose code units are the bytes. */
const oneWriteBytes = 16_384;

/** Answers under way; one timer serves them all. */
const open = new Set<Responder>();
setInterval(() => {
  for (const responder of open) responder.keepAlive();
}, keepAliveMs).unref();

/**
 * Answers one POST: as JSON when the answer is all there is to say, as an event stream as soon as something comes
 * before it or the answer takes long. One writer per request keeps the order.
 */
export class Responder {
  readonly #mayStream: boolean;
  #seen = false;

  constructor(
    request: IncomingMessage,
    readonly response: ServerResponse,
    readonly headers: Readonly<Record<string, string>> = {},
  ) {
    const accept = request.headers.accept ?? '*/*';
    this.#mayStream = accept.includes('text/event-stream');
    open.add(this);
    response.on('close', () => open.delete(this));
  }

  /**
   * Sends a message ahead of the answer. A client that takes no event stream does not get it, nor one that reads too
   * slowly: the answer matters more.
   */
  notify(message: Buffer): void {
    if (this.#mayStream && this.response.writableLength <= maximumLag) this.#stream(eventBytes(message));
  }

  /** Sends the answer and ends. */
  reply(message: Buffer, status = 200): void {
    open.delete(this);
    if (this.response.writableEnded || this.response.destroyed) return;
    if (this.response.headersSent) {
      this.response.end(eventBytes(message));
      return;
    }
    this.response.writeHead(status, {
      ...this.headers,
      'content-type': 'application/json',
      'content-length': message.length,
    });
    if (message.length < oneWriteBytes) this.response.end(message.toString('latin1'), 'latin1');
    else this.response.end(message);
  }

  /** Called every 15 s: from the second time on tells a client that takes event streams that the answer is coming. */
  keepAlive(): void {
    if (this.#mayStream && this.#seen) this.#stream(keepAliveComment);
    this.#seen = true;
  }

  #stream(bytes: Buffer | string): void {
    if (this.response.writableEnded || this.response.destroyed) return;
    if (!this.response.headersSent) this.response.writeHead(200, { ...this.headers, ...streamHeaders });
    this.response.write(bytes);
  }
}
