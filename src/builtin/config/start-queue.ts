import { availableParallelism } from 'node:os';
import type { UpstreamServer } from '../upstream/server/server';

/** The first clients send requests at once. The start of many processes at the same time would make them wait. */
const delayMs = 300;
/** After this time the next server is started, even when the previous one is not up yet. */
const turnMs = 2000;

/** Starts servers in the background, a few at a time. Their lists are cached, so that no request waits for them. */
export class StartQueue {
  readonly #waiting = new Set<UpstreamServer>();
  #running = 0;
  #timer: NodeJS.Timeout | undefined;

  constructor(readonly parallel = Math.max(1, availableParallelism() - 1)) {}

  get size(): number {
    return this.#waiting.size;
  }

  has(server: UpstreamServer): boolean {
    return this.#waiting.has(server);
  }

  add(server: UpstreamServer): void {
    this.#waiting.add(server);
    this.#timer ??= setTimeout(() => this.#next(), delayMs).unref();
  }

  /** Removes a server: it was started for another reason, or no longer exists. */
  remove(server: UpstreamServer): void {
    this.#waiting.delete(server);
  }

  dispose(): void {
    clearTimeout(this.#timer);
    this.#waiting.clear();
  }

  #next(): void {
    this.#timer = undefined;
    for (const server of [...this.#waiting].slice(0, Math.max(0, this.parallel - this.#running))) {
      this.#running += 1;
      void server.start();
      this.remove(server);
      void server.whenSettled(AbortSignal.timeout(turnMs)).then(() => {
        this.#running -= 1;
        if (this.#waiting.size > 0) this.#next();
      });
    }
  }
}
