import type { CancelSignal } from '../../../platform/cancel-signal';

interface Waiter {
  start(): void;
}

/** Thrown when the queue is full. */
export class QueueFullError extends Error {
  constructor(readonly limit: number) {
    super(`Already ${limit} calls are waiting.`);
    this.name = 'QueueFullError';
  }
}

/** Thrown when a call is cancelled before its turn. */
export class CancelledError extends Error {
  constructor() {
    super('The call was cancelled while it was waiting for its turn.');
    this.name = 'CancelledError';
  }
}

/**
 * Limits the number of concurrent calls, with a queue that is fair between callers. Waiting callers take turns, so a
 * caller with a hundred calls does not delay another one with a single call.
 */
export class FairQueue {
  /** The waiting callers, in the order of their turns. */
  readonly #waiting = new Map<string, Waiter[]>();
  #running = 0;
  #queued = 0;

  constructor(
    public places: number,
    public queueLimit: number,
  ) {}

  get queued(): number {
    return this.#queued;
  }

  get running(): number {
    return this.#running;
  }

  /** Takes a free place if there is one. Does not wait. */
  tryEnter(): boolean {
    if (this.#running >= this.places || this.#queued > 0) return false;
    this.#running += 1;
    return true;
  }

  /**
   * Resolves when the caller has a place, which {@link leave} gives back. Throws {@link QueueFullError}, and
   * {@link CancelledError} when the signal aborts first.
   */
  async enter(caller: string, signal: CancelSignal): Promise<void> {
    if (signal.aborted) throw new CancelledError();
    if (this.tryEnter()) return;
    if (this.#queued >= this.queueLimit) throw new QueueFullError(this.queueLimit);
    await new Promise<void>((resolve, reject) => {
      const onAbort = (): void => {
        this.#remove(caller, waiter);
        reject(new CancelledError());
      };
      const waiter: Waiter = {
        start: () => {
          signal.removeEventListener('abort', onAbort);
          resolve();
        },
      };
      signal.addEventListener('abort', onAbort, { once: true });
      const own = this.#waiting.get(caller);
      if (own) own.push(waiter);
      else this.#waiting.set(caller, [waiter]);
      this.#queued += 1;
    });
  }

  leave(): void {
    this.#running -= 1;
    this.fill();
  }

  /** Starts waiting calls while there are free places. Must be called when the number of places grows. */
  fill(): void {
    while (this.#running < this.places) {
      const [next] = this.#waiting;
      if (!next) return;
      const [caller, own] = next;
      const waiter = own.shift();
      // The caller goes to the end of the line.
      this.#waiting.delete(caller);
      if (own.length > 0) this.#waiting.set(caller, own);
      if (!waiter) continue;
      this.#queued -= 1;
      this.#running += 1;
      waiter.start();
    }
  }

  #remove(caller: string, waiter: Waiter): void {
    const own = this.#waiting.get(caller);
    const at = own?.indexOf(waiter) ?? -1;
    if (!own || at < 0) return;
    own.splice(at, 1);
    this.#queued -= 1;
    if (own.length === 0) this.#waiting.delete(caller);
  }
}
