import type { Caller } from '../client/caller';

/** How a call ended. A tool's own failure is a result with `isError`. */
type OutcomeKind = 'result' | 'error' | 'cancelled' | 'refused';

export interface CallOutcome {
  kind: OutcomeKind;
  isError: boolean;
  /** Bytes of the result or error object; 0 when the server sent none. */
  bytes: number;
  /** Why there is no answer of the server; `undefined` when there is one. */
  problem: string | undefined;
  /** Why it was refused, in one word. */
  reason: string | undefined;
}

/** Where a call stands in a trace; the ids as hexadecimal. */
export interface CallSpan {
  traceId: string;
  spanId: string;
  parentId: string | undefined;
}

/** What is remembered of one call while it runs and after. Times are in milliseconds. */
export interface CallRecord {
  /** Counts the calls of this process. */
  readonly id: number;
  /** Since the epoch. */
  readonly startedAt: number;
  /** By the monotonic clock. */
  readonly started: number;
  readonly token: string;
  readonly caller: Caller;
  readonly server: string;
  readonly method: string;
  readonly name: string;
  readonly requestBytes: number;
  /** `undefined` when traces are off. */
  readonly span: CallSpan | undefined;
  /** How long it waited for its turn; `undefined` while it does. */
  queuedMs: number | undefined;
  /** From the start to the outcome; `undefined` while there is none. */
  totalMs: number | undefined;
  outcome: CallOutcome | undefined;
}
