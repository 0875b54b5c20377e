import { ByteView, plainView } from './byte-view';
import { decodedView, digitEncodings, hasRun } from './decoded-views';
import { mask, type SecretSpan } from './findings';
import { SecretIndex } from './secret-index';
import { hasEscapes, Unescaper } from './unescaped-view';

/** Values of fewer characters are too common to replace. */
const shortest = 6;
const shortestLine = 16;

const hasIndentation = /[\r\n][ \t]/;

/** A long text is searched in parts, so that a search needs little memory. */
const partLength = 16 * 1024;
/** The parts overlap by the length of any escaped secret that is found as a whole only. */
export const overlap = 4096;

/**
 * Finds secret values in texts: as they are, and in the forms in which programs print them. Instead of a list of the forms
 * of each secret, the text is decoded, in several views:
 *
 * - as it is;
 * - without the escapes of JSON and URLs, in any depth;
 * - for hexadecimal digits and base64, decoded from each digit at which an encoded text can begin.
 *
 * The time depends on the length of the text, not on the number of secrets and their lengths.
 */
export class SecretFinder {
  readonly #index = new SecretIndex();
  readonly #added = new Set<string>();
  readonly #unescaper = new Unescaper();
  readonly #plain = new ByteView();
  readonly #unescaped = new ByteView();
  readonly #decoded = new ByteView();

  /** Adds a secret, and each of its lines. Returns `false` when there is nothing new to find. */
  add(secret: string): boolean {
    const before = this.#added.size;
    this.#addValue(secret, shortest);
    // A log shows a secret of several lines line by line.
    if (/[\r\n]/.test(secret)) for (const line of secret.split(/\r?\n/)) this.#addValue(line, shortestLine);
    return this.#added.size > before;
  }

  /** Finds the secrets in a text. */
  find(text: string): SecretSpan[] {
    if (text.length < shortest || this.#index.least === Infinity) return [];
    const found: SecretSpan[] = [];
    for (let at = 0; at < text.length; at += partLength) {
      const start = Math.max(0, at - overlap);
      this.#findIn(text.slice(start, at + partLength), start, found);
    }
    return found;
  }

  #addValue(value: string, least: number): void {
    if (value.length < least || this.#added.has(value)) return;
    this.#added.add(value);
    plainView(value, this.#plain);
    this.#index.add(this.#plain.bytes.slice(0, this.#plain.length));
    this.#unescaper.run(value, this.#unescaped);
    if (!sameBytes(this.#plain, this.#unescaped))
      this.#index.add(this.#unescaped.bytes.slice(0, this.#unescaped.length));
  }

  #findIn(text: string, offset: number, found: SecretSpan[]): void {
    plainView(text, this.#plain);
    this.#search(this.#plain, false, offset, found);
    if (!hasEscapes.test(text)) {
      this.#decode(this.#plain, offset, found);
      return;
    }
    this.#unescaper.run(text, this.#unescaped);
    this.#search(this.#unescaped, false, offset, found);
    this.#decode(this.#unescaped, offset, found);
    // Without escapes, the indentation of a wrapped text is no longer recognized: its blanks are digits.
    if (hasIndentation.test(text)) this.#decode(this.#plain, offset, found);
  }

  #decode(source: ByteView, offset: number, found: SecretSpan[]): void {
    for (const encoding of digitEncodings) {
      const least = Math.ceil((this.#index.least * 8) / encoding.bits);
      if (!hasRun(source, encoding, least)) continue;
      for (let first = 0; first < encoding.offsets; first += 1) {
        decodedView(source, encoding, first, this.#decoded);
        this.#search(this.#decoded, true, offset, found);
      }
    }
  }

  #search(view: ByteView, decoded: boolean, offset: number, found: SecretSpan[]): void {
    this.#index.search(view, decoded, (start, end) => {
      const from = view.from[start] ?? 0;
      const to = view.to[end - 1] ?? 0;
      // A repetitive text can have a secret at each character, so what overlaps is kept as one.
      const last = found.at(-1);
      if (last && offset + from >= last.start && offset + from < last.end)
        last.end = Math.max(last.end, offset + to);
      else found.push({ start: offset + from, end: offset + to, shown: mask });
    });
  }
}

function sameBytes(one: ByteView, other: ByteView): boolean {
  if (one.length !== other.length) return false;
  for (let i = 0; i < one.length; i += 1) if (one.bytes[i] !== other.bytes[i]) return false;
  return true;
}
