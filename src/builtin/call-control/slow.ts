import { Emitter } from '../../platform/disposable';
import type { CallRecord } from '../calls/record';
import type { RecentCalls } from './recent';

const lookEveryMs = 1000;

/** Warns once about every call that takes longer than the threshold. Long calls are reported while they are running. */
export class SlowCalls {
  readonly #warned = new WeakSet<CallRecord>();
  readonly #slow = new Emitter<CallRecord>();
  readonly onSlow = this.#slow.event;
  readonly #timer = setInterval(() => this.#look(), lookEveryMs).unref();

  constructor(
    readonly calls: RecentCalls,
    readonly thresholdMs: () => number,
  ) {}

  finished(record: CallRecord): void {
    if ((record.totalMs ?? 0) > this.thresholdMs()) this.#warn(record);
  }

  dispose(): void {
    clearInterval(this.#timer);
    this.#slow.dispose();
  }

  #look(): void {
    if (this.calls.runningCount === 0) return;
    const since = performance.now() - this.thresholdMs();
    for (const record of this.calls.running) if (record.started < since) this.#warn(record);
  }

  #warn(record: CallRecord): void {
    if (this.#warned.has(record)) return;
    this.#warned.add(record);
    this.#slow.fire(record);
  }
}
