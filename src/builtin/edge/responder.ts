import type { IncomingMessage, ServerResponse } from 'node:http';
import { eventBytes, keepAliveComment } from '../wire/sse';

export const streamHeaders = {
  'content-type': 'text/event-stream',
  'cache-control': 'no-cache, no-transform',
  'x-accel-buffering': 'no',
} as const;

const keepAliveMs = 15_000;

/**
 * Answers one POST: as JSON when the answer is all there is to say, as an event stream as soon as something comes
 * before it or the answer takes long. One writer per request keeps the order.
 */
export class Responder {
  readonly #mayStream: boolean;
  readonly #timer: NodeJS.Timeout;

  constructor(
    request: IncomingMessage,
    readonly response: ServerResponse,
    readonly headers: Readonly<Record<string, string>> = {},
  ) {
    const accept = request.headers.accept ?? '*/*';
    this.#mayStream = accept.includes('text/event-stream');
    this.#timer = setInterval(() => this.#keepAlive(), keepAliveMs);
    response.on('close', () => clearInterval(this.#timer));
  }

  /** Sends a message ahead of the answer. A client that takes no event stream does not get it. */
  notify(message: Buffer): void {
    if (this.#mayStream && !this.response.writableEnded) this.#stream(eventBytes(message));
  }

  /** Sends the answer and ends. */
  reply(message: Buffer, status = 200): void {
    clearInterval(this.#timer);
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
    this.response.end(message);
  }

  #keepAlive(): void {
    if (this.#mayStream) this.#stream(keepAliveComment);
  }

  #stream(bytes: Buffer | string): void {
    if (!this.response.headersSent) this.response.writeHead(200, { ...this.headers, ...streamHeaders });
    this.response.write(bytes);
  }
}
