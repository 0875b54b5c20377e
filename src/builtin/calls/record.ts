import type { Caller } from '../client/caller';

/** How a call ended. The failure of a tool itself is a `result` with `isError`. `stopped`: the gateway stopped first. */
type OutcomeKind = 'result' | 'error' | 'cancelled' | 'refused' | 'stopped';

export interface CallOutcome {
  kind: OutcomeKind;
  isError: boolean;
  /** The size of the result or error object in bytes; 0 when the server sent none. */
  bytes: number;
  /** Why there is no response of the server. `undefined` when there is one. */
  problem: string | undefined;
  /** Why the call was refused, in one word. */
  reason: string | undefined;
}

/** The place of a call in a trace. Ids are hexadecimal. */
export interface CallSpan {
  traceId: string;
  spanId: string;
  parentId: string | undefined;
}

/** The record of one call, while it is running and afterwards. Times are in milliseconds. */
export interface CallRecord {
  /** The number of the call in this process. */
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
  /** How long it waited for its turn. `undefined` while it is waiting. */
  queuedMs: number | undefined;
  /** The time from the start to the outcome. `undefined` while it is running. */
  totalMs: number | undefined;
  outcome: CallOutcome | undefined;
}
