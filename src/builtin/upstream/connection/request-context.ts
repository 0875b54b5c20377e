import type { SendContext } from '../transports/transport';

/** What a transport is told of one request. */
export class RequestContext implements SendContext {
  #aborter: AbortController | undefined;
  #aborted = false;

  constructor(
    readonly id: number,
    readonly method: string,
    readonly name: string | undefined,
  ) {}

  /** Made when somebody asks for it: not every transport does, and it is a costly thing. */
  get signal(): AbortSignal {
    if (!this.#aborter) {
      this.#aborter = new AbortController();
      if (this.#aborted) this.#aborter.abort();
    }
    return this.#aborter.signal;
  }

  /** Nobody waits for the answer any more. */
  abort(): void {
    this.#aborted = true;
    this.#aborter?.abort();
  }
}
