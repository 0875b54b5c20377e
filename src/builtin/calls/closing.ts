/**
 * The end of the gateway, as calls see it: first new calls are refused while those under way may end, then what is left is
 * ended. It observes calls, so it knows how many are under way.
 */
export class Closing {
  #phase: 'open' | 'closing' | 'cut' = 'open';
  #underWay = 0;
  #notify: () => void = () => undefined;

  /** Whether new calls are refused. */
  get begun(): boolean {
    return this.#phase !== 'open';
  }

  /** Whether the calls that are left end because the gateway stops. */
  get cutsCalls(): boolean {
    return this.#phase === 'cut';
  }

  started(): void {
    this.#underWay += 1;
  }

  finished(): void {
    this.#underWay -= 1;
    if (this.#underWay === 0) this.#notify();
  }

  begin(): void {
    if (this.#phase === 'open') this.#phase = 'closing';
  }

  cut(): void {
    this.#phase = 'cut';
  }

  /** Resolves when no call is under way, after `ms`, or when the signal aborts. */
  async whenIdle(ms: number, signal?: AbortSignal): Promise<void> {
    if (this.#underWay === 0 || signal?.aborted === true) return;
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, ms);
      signal?.addEventListener('abort', () => resolve(), { once: true });
      this.#notify = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }
}
