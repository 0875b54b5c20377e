import type { Disposable } from '../../platform/disposable';
import { eventBytes, keepAliveComment, keepAliveMs } from '../../mcp-wire/sse';
import type { EdgeResponse } from './http';

export const streamHeaders = {
  'content-type': 'text/event-stream',
  'cache-control': 'no-cache, no-transform',
  'x-accel-buffering': 'no',
} as const;

/** How many bytes may wait for a reader; one that has fallen further behind must not fill the memory of all. */
export const maximumLag = 8 * 1024 * 1024;

/** Server-sent events to one listener, from now until either side ends it. A reader that is too slow is cut off. */
export class EventStream {
  readonly #timer: NodeJS.Timeout;

  constructor(readonly response: EdgeResponse) {
    response.writeHead(200, streamHeaders);
    // The head goes out with the first bytes: a listener learns at once that it is connected.
    response.write(keepAliveComment);
    this.#timer = setInterval(() => this.#write(keepAliveComment), keepAliveMs);
    response.on('close', () => clearInterval(this.#timer));
  }

  readonly send = (data: Buffer | string, event?: string): void => this.#write(eventBytes(data, event));

  readonly close = (): void => {
    clearInterval(this.#timer);
    this.response.end();
  };

  /** Calls back once, when the stream has ended for whatever reason. */
  onClosed(listener: () => void): void {
    this.response.on('close', listener);
  }

  #write(bytes: Buffer | string): void {
    if (this.response.writableEnded || this.response.destroyed) return;
    if (this.response.writableLength > maximumLag) this.response.destroy();
    else this.response.write(bytes);
  }
}

/** Opens a stream and keeps what `subscribe` returns until it ends. */
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
