import type { CallRecord } from '../calls/record';

const onceInMs = 60_000;

/**
 * Logs that a token asked for what its rules exclude: at most once a minute for each token, so that a client cannot fill the
 * log. The audit and the metrics have every refusal.
 */
export class RefusalLog {
  readonly #loggedAt = new Map<string, number>();

  constructor(
    readonly note: (problem: string) => void,
    readonly now: () => number = () => performance.now(),
  ) {}

  finished({ token, outcome }: CallRecord): void {
    if (outcome?.reason !== 'filter' || outcome.problem === undefined) return;
    const now = this.now();
    if (now - (this.#loggedAt.get(token) ?? -Infinity) < onceInMs) return;
    this.#loggedAt.set(token, now);
    this.note(
      `Refused: ${outcome.problem} More refusals of this token within a minute are only in the audit and the metrics.`,
    );
  }
}
