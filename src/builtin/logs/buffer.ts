import { Emitter } from '../../platform/disposable';
import { shortText } from '../../platform/short-text';

/** The maximum number of characters of a line. */
const longestLine = 4000;

/** The last lines of a log, limited in number and length, with secrets replaced. */
export class LogBuffer {
  readonly #lines: string[] = [];
  readonly #added = new Emitter<string>();
  readonly onLine = this.#added.event;

  constructor(
    readonly redact: (text: string, length?: number) => string,
    readonly limit = 2000,
  ) {}

  add(line: string): void {
    // The redaction cuts the line, because half a secret would not be recognized.
    const start = this.redact(line, longestLine);
    const isCut = line.length > longestLine || start.length > longestLine;
    const clean = isCut ? `${shortText(start, longestLine)}…` : start;
    this.#lines.push(clean);
    if (this.#lines.length > this.limit) this.#lines.shift();
    this.#added.fire(clean);
  }

  /** The last `count` lines, oldest first. */
  tail(count: number): string[] {
    return count <= 0 ? [] : this.#lines.slice(-count);
  }
}
