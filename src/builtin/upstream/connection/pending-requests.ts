import { BriefMap } from '../../../platform/brief-map';
import type { PeerRequestOptions } from './request';
import type { RpcResponse } from '../../../mcp-wire/rpc-response';
import type { RequestContext } from './request-context';

/** A request that the server has not answered yet. */
export class PendingRequest {
  /** When it times out, in milliseconds of the monotonic clock. */
  deadline = 0;
  /** The number of pending server requests that may belong to it. While there are any, it does not time out. */
  serverRequests = 0;
  /** Called when the client cancels the request. */
  onAbort: () => void = () => undefined;

  constructor(
    readonly context: RequestContext,
    readonly options: PeerRequestOptions,
    readonly resolve: (answer: RpcResponse) => void,
    readonly reject: (error: Error) => void,
  ) {}
}

/** Timers may fire this much too early. */
const toleranceMs = 1;

/** The pending requests of one connection, with one timer for all of them. */
export class PendingRequests {
  readonly #byId = new BriefMap<number, PendingRequest>();
  #timer: NodeJS.Timeout | undefined;
  #timerAt = Infinity;

  /** `onLate` receives a request that has timed out. It is still in the collection then. */
  constructor(
    readonly onLate: (pending: PendingRequest) => void,
    readonly now = (): number => performance.now(),
  ) {}

  add(pending: PendingRequest): void {
    this.restartTimeout(pending);
    this.#byId.add(pending.context.id, pending);
    pending.options.signal?.addEventListener('abort', pending.onAbort, { once: true });
    if (pending.deadline < this.#timerAt) this.#setTimer(pending.deadline);
  }

  get(id: number): PendingRequest | undefined {
    return this.#byId.get(id);
  }

  /** Removes a request and returns it. `undefined` when it was already removed. */
  take(id: number): PendingRequest | undefined {
    const pending = this.#byId.get(id);
    if (!pending) return undefined;
    this.#byId.delete(id);
    pending.options.signal?.removeEventListener('abort', pending.onAbort);
    return pending;
  }

  /** All pending requests, in the order in which they were sent. */
  all(): PendingRequest[] {
    return this.#byId.values().sort((a, b) => a.context.id - b.context.id);
  }

  /** Restarts the timeout of a request. */
  restartTimeout(pending: PendingRequest): void {
    pending.deadline = this.now() + pending.options.timeoutMs;
  }

  /** Stops the timer. No request times out any more. */
  dispose(): void {
    clearTimeout(this.#timer);
    this.#timerAt = -Infinity;
  }

  #setTimer(at: number): void {
    clearTimeout(this.#timer);
    this.#timerAt = at;
    const inMs = Math.min(Math.max(at - this.now(), toleranceMs), longestTimerMs);
    this.#timer = setTimeout(() => this.#onTimer(), inMs).unref();
  }

  #onTimer(): void {
    this.#timerAt = Infinity;
    const now = this.now();
    for (const pending of this.#byId.values()) {
      if (pending.serverRequests > 0) this.restartTimeout(pending);
      else if (pending.deadline <= now + toleranceMs) this.onLate(pending);
    }
    const next = this.#byId.values().reduce((least, { deadline }) => Math.min(least, deadline), Infinity);
    if (next < this.#timerAt) this.#setTimer(next);
  }
}

const longestTimerMs = 2 ** 31 - 1;
