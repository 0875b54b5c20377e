import type { Rate } from '../../../servers/gateway-settings';

/** Allows `perMinute` calls a minute, evenly spread, and `burst` calls at once. */
export class TokenBucket {
  readonly #capacity: number;
  readonly #perMs: number;
  #tokens: number;
  #at: number;

  constructor(
    readonly rate: Rate,
    readonly now: () => number = () => performance.now(),
  ) {
    this.#capacity = rate.burst ?? Math.max(1, Math.ceil(rate.perMinute));
    this.#perMs = rate.perMinute / 60_000;
    this.#tokens = this.#capacity;
    this.#at = now();
  }

  /** Milliseconds until the next call is allowed; 0 when it is allowed now. */
  waitMs(): number {
    this.#refill();
    return this.#tokens >= 1 ? 0 : Math.ceil((1 - this.#tokens) / this.#perMs);
  }

  /** Takes one token for a call. */
  take(): void {
    this.#refill();
    this.#tokens -= 1;
  }

  #refill(): void {
    const now = this.now();
    this.#tokens = Math.min(this.#capacity, this.#tokens + (now - this.#at) * this.#perMs);
    this.#at = now;
  }
}
