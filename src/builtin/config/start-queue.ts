import { availableParallelism } from 'node:os';
import type { UpstreamServer } from '../upstream/server/server';

/** The first clients ask at once; what makes them wait is the start of many processes at one time. */
const delayMs = 300;
/** A server that takes longer does not hold up the next one. */
const turnMs = 2000;

/** Starts servers in the background that nobody waits for, because what they offer is known: a few at a time. */
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

  /** Takes a server out: it was started for another reason, or is gone. */
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
