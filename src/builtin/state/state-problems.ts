import { Emitter } from '../../platform/disposable';
import type { ApiProblem } from '../../servers/api-types';

/** What is wrong with the files of the state folder, for `/api/servers` and the log. One problem for each file. */
export class StateProblems {
  readonly #problems = new Map<string, ApiProblem>();
  readonly #changed = new Emitter<void>();
  readonly onChanged = this.#changed.event;

  /** `report` receives the message of each new problem. */
  constructor(readonly report: (problem: string) => void) {}

  get list(): readonly ApiProblem[] {
    return [...this.#problems.values()];
  }

  /** A `quiet` problem is listed, and not reported. */
  set(file: string, problem: ApiProblem, quiet = false): void {
    if (this.#problems.get(file)?.message === problem.message) return;
    this.#problems.set(file, problem);
    if (!quiet) this.report(problem.message);
    this.#changed.fire();
  }

  clear(file: string): void {
    if (this.#problems.delete(file)) this.#changed.fire();
  }
}
