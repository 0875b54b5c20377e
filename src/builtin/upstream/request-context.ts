import type { SendContext } from './channel';

/** An abort signal that is made when somebody asks for it: not every transport does, and it is a costly thing. */
export class LazyAborter {
  #aborter: AbortController | undefined;
  #aborted = false;

  get signal(): AbortSignal {
    if (!this.#aborter) {
      this.#aborter = new AbortController();
      if (this.#aborted) this.#aborter.abort();
    }
    return this.#aborter.signal;
  }

  abort(): void {
    this.#aborted = true;
    this.#aborter?.abort();
  }
}

/** What a channel is told of one request. */
export class RequestContext implements SendContext {
  constructor(
    readonly id: number,
    readonly method: string,
    readonly name: string | undefined,
    readonly unwanted: LazyAborter,
  ) {}

  get signal(): AbortSignal {
    return this.unwanted.signal;
  }
}
