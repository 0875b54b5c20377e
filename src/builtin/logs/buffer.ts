import { Emitter } from '../../platform/disposable';

/** The last lines of a log, limited in number and length, with secrets replaced. */
export class LogBuffer {
  readonly #lines: string[] = [];
  readonly #added = new Emitter<string>();
  readonly onLine = this.#added.event;

  constructor(
    readonly redact: (text: string) => string,
    readonly limit = 2000,
  ) {}

  add(line: string): void {
    // Secrets are replaced before the line is cut, because half a secret would not be recognized.
    const whole = this.redact(line);
    const clean = whole.length > 4000 ? `${whole.slice(0, 4000)}…` : whole;
    this.#lines.push(clean);
    if (this.#lines.length > this.limit) this.#lines.shift();
    this.#added.fire(clean);
  }

  /** The last `count` lines, oldest first. */
  tail(count: number): string[] {
    return count <= 0 ? [] : this.#lines.slice(-count);
  }
}
