import type { Disposable } from '../../platform/disposable';
import { eventBytes, keepAliveComment, keepAliveMs } from '../../mcp-wire/sse';
import type { EdgeResponse } from './http';

export const streamHeaders = {
  'content-type': 'text/event-stream',
  'cache-control': 'no-cache, no-transform',
  'x-accel-buffering': 'no',
} as const;

/** The maximum number of bytes that wait for one reader. A slower reader is cut off, so that it does not use up memory. */
export const maximumLag = 8 * 1024 * 1024;

/** A stream of server-sent events to one client, until either side ends it. A reader that is too slow is cut off. */
export class EventStream {
  readonly #timer: NodeJS.Timeout;

  constructor(readonly response: EdgeResponse) {
    response.writeHead(200, streamHeaders);
    // Headers are sent with the first bytes, so that the client knows at once that it is connected.
    response.write(keepAliveComment);
    this.#timer = setInterval(() => this.#write(keepAliveComment), keepAliveMs);
    response.on('close', () => clearInterval(this.#timer));
  }

  readonly send = (data: Buffer | string, event?: string): void => this.#write(eventBytes(data, event));

  readonly close = (): void => {
    clearInterval(this.#timer);
    this.response.end();
  };

  /** Calls the listener once, when the stream has ended for any reason. */
  onClosed(listener: () => void): void {
    this.response.on('close', listener);
  }

  #write(bytes: Buffer | string): void {
    if (this.response.writableEnded || this.response.destroyed) return;
    if (this.response.writableLength > maximumLag) this.response.destroy();
    else this.response.write(bytes);
  }
}

/** Opens a stream, and disposes the subscriptions that `subscribe` returns when it ends. */
export function openStream(
  response: EdgeResponse,
  subscribe: (send: EventStream['send']) => Disposable[],
): void {
  const stream = new EventStream(response);
  const subscriptions = subscribe(stream.send);
  stream.onClosed(() => {
    for (const subscription of subscriptions) subscription.dispose();
  });
}
