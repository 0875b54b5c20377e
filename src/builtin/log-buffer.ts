import { Emitter } from '../platform/disposable';

/** The last lines of a log, bounded in number and length, with secrets replaced. */
export class LogBuffer {
  readonly #lines: string[] = [];
  readonly #added = new Emitter<string>();
  readonly onLine = this.#added.event;

  constructor(
    readonly redact: (text: string) => string,
    readonly limit = 2000,
  ) {}

  add(line: string): void {
    // Cut after the secrets are out: half a secret would not be recognised.
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

/** Replaces every known secret value; values of fewer than 6 characters are too common to replace. */
export function redactor(secrets: readonly string[]): (text: string) => string {
  // The longest first: a secret that begins with another one must not leave its rest.
  const values = secrets.filter((secret) => secret.length >= 6).sort((a, b) => b.length - a.length);
  return (text) => values.reduce((current, secret) => current.replaceAll(secret, '<redacted>'), text);
}
