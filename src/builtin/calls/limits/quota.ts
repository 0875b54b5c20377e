const hourMs = 3_600_000;
const dayMs = 24 * hourMs;

/** Counts the calls in the current hour and the current day. A period begins with its first call. */
export class Quota {
  readonly #hour = new Window(hourMs);
  readonly #day = new Window(dayMs);

  constructor(readonly now: () => number = () => performance.now()) {}

  /** The quota that is used up, and the milliseconds until calls are allowed again. `undefined` when none is. */
  exhausted(limits: { perHour: number | undefined; perDay: number | undefined }): Exhausted | undefined {
    const now = this.now();
    return (
      this.#day.exhausted(limits.perDay, 'day', now) ?? this.#hour.exhausted(limits.perHour, 'hour', now)
    );
  }

  take(): void {
    const now = this.now();
    this.#hour.take(now);
    this.#day.take(now);
  }
}

export interface Exhausted {
  calls: number;
  per: 'hour' | 'day';
  waitMs: number;
}

class Window {
  #start = -Infinity;
  #used = 0;

  constructor(readonly lengthMs: number) {}

  exhausted(limit: number | undefined, per: 'hour' | 'day', now: number): Exhausted | undefined {
    if (limit === undefined || now - this.#start >= this.lengthMs || this.#used < limit) return undefined;
    return { calls: limit, per, waitMs: Math.ceil(this.#start + this.lengthMs - now) };
  }

  take(now: number): void {
    if (now - this.#start >= this.lengthMs) {
      this.#start = now;
      this.#used = 0;
    }
    this.#used += 1;
  }
}
