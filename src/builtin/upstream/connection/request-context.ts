import type { SendContext } from '../transports/transport';

/** What a transport needs to know about one request. */
export class RequestContext implements SendContext {
  #aborter: AbortController | undefined;
  #aborted = false;

  constructor(
    readonly id: number,
    readonly method: string,
    readonly name: string | undefined,
  ) {}

  /** Created on first use, because it is expensive and not every transport needs it. */
  get signal(): AbortSignal {
    if (!this.#aborter) {
      this.#aborter = new AbortController();
      if (this.#aborted) this.#aborter.abort();
    }
    return this.#aborter.signal;
  }

  /** The response is not needed any more. */
  abort(): void {
    this.#aborted = true;
    this.#aborter?.abort();
  }
}
