/** The part of an `AbortSignal` that most waiting code needs. Every `AbortSignal` is one. */
export interface CancelSignal {
  readonly aborted: boolean;
  addEventListener(type: 'abort', listener: () => void, options?: { once?: boolean }): void;
  removeEventListener(type: 'abort', listener: () => void): void;
}

/**
 * Cancels one call. An `AbortController` does the same, but costs several microseconds, which is more than the gateway
 * needs to read the message. Most calls end without any listener.
 */
export class Canceller implements CancelSignal {
  #aborted = false;
  #listeners: (() => void)[] = noListeners;

  get aborted(): boolean {
    return this.#aborted;
  }

  /** Calls every listener once. Listeners that are added later are not called. */
  abort(): void {
    this.#aborted = true;
    for (let next = this.#listeners.shift(); next; next = this.#listeners.shift()) next();
  }

  addEventListener(_type: 'abort', listener: () => void): void {
    if (this.#aborted) return;
    if (this.#listeners === noListeners) this.#listeners = [listener];
    else if (!this.#listeners.includes(listener)) this.#listeners.push(listener);
  }

  removeEventListener(_type: 'abort', listener: () => void): void {
    const at = this.#listeners.indexOf(listener);
    if (at >= 0) this.#listeners.splice(at, 1);
  }
}

const noListeners: (() => void)[] = [];
