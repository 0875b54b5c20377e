import { BriefMap } from '../../platform/brief-map';
import { Emitter } from '../../platform/disposable';
import type { CallRecord } from '../calls/record';

const kept = 500;
/** Changes are reported at most this often, and at most this many at once. */
const reportEveryMs = 250;
const reportedAtOnce = 100;

/** One call, in the shape of `/api/calls` and the event `call`. Times are in milliseconds. */
export interface CallReport {
  id: number;
  time: string;
  token: string;
  session: string | null;
  client: string | null;
  server: string;
  method: string;
  name: string;
  /** `queued` waits for its turn, and `running` waits for the server. */
  state: 'queued' | 'running' | 'done';
  outcome: string | null;
  isError: boolean;
  problem: string | null;
  requestBytes: number;
  resultBytes: number;
  totalMs: number | null;
  queuedMs: number | null;
  upstreamMs: number | null;
  trace: string | null;
}

/** The running calls, and the last calls that have ended. */
export class RecentCalls {
  readonly #running = new BriefMap<number, CallRecord>();
  readonly #done: CallRecord[] = [];
  readonly #changes = new Map<number, CallRecord>();
  readonly #changed = new Emitter<CallReport>();
  #timer: NodeJS.Timeout | undefined;
  #next = 0;

  constructor(readonly redact: (text: string) => string) {}

  /** Fires when a call has started or ended. With many at once, only the latest are reported. */
  readonly onChanged = this.#changed.event;

  get running(): Iterable<CallRecord> {
    return this.#running.values();
  }

  get runningCount(): number {
    return this.#running.size;
  }

  started(record: CallRecord): void {
    this.#running.add(record.id, record);
    this.#report(record);
  }

  finished(record: CallRecord): void {
    this.#running.delete(record.id);
    this.#done[this.#next] = record;
    this.#next = (this.#next + 1) % kept;
    this.#report(record);
  }

  /** The calls, newest first. Running calls come before the others. */
  list(filter: { server: string | null; name: string | null; limit: number }): CallReport[] {
    const done = [...this.#done.slice(this.#next), ...this.#done.slice(0, this.#next)];
    const running = this.#running.values().sort((a, b) => a.id - b.id);
    return [...done, ...running]
      .reverse()
      .filter(({ server }) => filter.server === null || server === filter.server)
      .filter(({ name }) => filter.name === null || name === filter.name)
      .slice(0, filter.limit)
      .map((record) => callReport(record, this.redact));
  }

  dispose(): void {
    clearTimeout(this.#timer);
    this.#changed.dispose();
  }

  #report(record: CallRecord): void {
    if (this.#changed.listenerCount === 0) return;
    this.#changes.delete(record.id);
    this.#changes.set(record.id, record);
    this.#timer ??= setTimeout(() => {
      this.#timer = undefined;
      const latest = [...this.#changes.values()].slice(-reportedAtOnce);
      this.#changes.clear();
      for (const change of latest) this.#changed.fire(callReport(change, this.redact));
    }, reportEveryMs).unref();
  }
}

export function callReport(record: CallRecord, redact: (text: string) => string): CallReport {
  const { caller, outcome, queuedMs, totalMs } = record;
  return {
    id: record.id,
    time: new Date(record.startedAt).toISOString(),
    token: record.token,
    session: caller.session ?? null,
    client: caller.client ?? null,
    server: record.server,
    method: record.method,
    name: redact(record.name),
    state: outcome ? 'done' : queuedMs === undefined ? 'queued' : 'running',
    outcome: outcome?.kind ?? null,
    isError: outcome?.isError ?? false,
    problem: outcome?.problem === undefined ? null : redact(outcome.problem),
    requestBytes: record.requestBytes,
    resultBytes: outcome?.bytes ?? 0,
    totalMs: totalMs ?? null,
    queuedMs: queuedMs ?? null,
    upstreamMs: totalMs === undefined || queuedMs === undefined ? null : totalMs - queuedMs,
    trace: record.span?.traceId ?? null,
  };
}
