import type { ByteView } from './byte-view';

const backslash = 0x5c;
const percent = 0x25;
const plus = 0x2b;
const blank = 0x20;
const letterU = 0x75;
const letterX = 0x78;

/** Kinds of backslashes: written in the text, or decoded from an escape. */
const none = 0;
const written = 1;
const decoded = 2;

/** What a letter after a backslash stands for. Other characters stand for themselves. */
const controls: ReadonlyMap<number, number> = new Map(
  Object.entries({ n: '\n', r: '\r', t: '\t', b: '\b', f: '\f' }).map(([letter, control]) => [
    letter.charCodeAt(0),
    control.charCodeAt(0),
  ]),
);

/** The value of a hexadecimal digit, or -1. */
export const hexDigits = new Int8Array(256).fill(-1);
for (let value = 0; value < 16; value += 1) {
  hexDigits[value.toString(16).charCodeAt(0)] = value;
  hexDigits[value.toString(16).toUpperCase().charCodeAt(0)] = value;
}

/** Whether the view of a text differs from the text as it is. */
export const hasEscapes = /[\\%+]/;

/**
 * A text without the escapes of JSON, of URLs and of forms, however many of them lie in one another: JSON in JSON, percent
 * escapes in JSON, and so on.
 *
 * A secret is put through the same function. So it makes no difference which escapes the text uses, whether their digits
 * are upper-case, or whether the secret itself looks as if it had escapes. It is one pass: a byte is added to the result,
 * and when the end of the result is then an escape, the escape is replaced by what it stands for, which may be the end of
 * another escape.
 *
 * - `%41` is `A`, and so is `\x41` and `\u0041`.
 * - A backslash is dropped. The letter after it stands for a control character if it is one of `n`, `r`, `t`, `b` and `f`.
 * - A blank is `+`, because forms write it so.
 */
export class Unescaper {
  /** The backslashes before each byte. */
  #escaped = new Uint8Array(0);
  /** The backslashes at the end of the text that was read. */
  #backslashes = none;
  #backslashAt = 0;
  #size = 0;
  #value = 0;

  run(text: string, view: ByteView): void {
    view.clear(text.length * 3);
    if (this.#escaped.length < view.bytes.length) this.#escaped = new Uint8Array(view.bytes.length);
    this.#backslashes = none;
    for (let i = 0; i < text.length; i += 1) {
      this.#add(view, text.charCodeAt(i), { from: i, to: i + 1, kind: written });
      while (this.#endsWithEscape(view)) this.#replace(view, i + 1);
    }
  }

  #add(view: ByteView, unit: number, { from, to, kind }: { from: number; to: number; kind: number }): void {
    if (unit === backslash) {
      if (this.#backslashes === none) this.#backslashAt = from;
      this.#backslashes |= kind;
      return;
    }
    const escaped = this.#backslashes;
    this.#backslashes = none;
    const at = view.length;
    const code = unit === blank ? plus : ((escaped === none ? undefined : controls.get(unit)) ?? unit);
    view.pushUnit(code, escaped === none ? from : this.#backslashAt, to);
    this.#escaped.fill(escaped, Math.min(at, view.length - 1), view.length);
  }

  /** Finds an escape at the end of the view: `#size` and `#value`. */
  #endsWithEscape({ bytes, length }: ByteView): boolean {
    if (this.#backslashes !== none || (hexDigits[bytes[length - 1] ?? 0] ?? -1) < 0) return false;
    const third = bytes[length - 3];
    if (third === percent || (third === letterX && this.#escaped[length - 3] !== none)) this.#size = 3;
    else if (bytes[length - 5] === letterU && this.#escaped[length - 5] !== none) this.#size = 5;
    else return false;
    this.#value = 0;
    for (let i = length - this.#size + 1; i < length; i += 1) {
      const digit = hexDigits[bytes[i] ?? 0] ?? -1;
      if (digit < 0) return false;
      this.#value = this.#value * 16 + digit;
    }
    return true;
  }

  /** Replaces the escape that was found. */
  #replace(view: ByteView, to: number): void {
    const start = view.length - this.#size;
    const from = view.from[start] ?? 0;
    const escaped = this.#escaped[start] ?? none;
    const isPercent = view.bytes[start] === percent;
    view.length = start;
    // Bytes beyond ASCII are parts of UTF-8, and digits of \u are a code unit.
    if (this.#size === 3 && this.#value >= 0x80) {
      view.push(this.#value, from, to);
      this.#escaped[start] = none;
      return;
    }
    // The backslash that is not part of the escape belongs to what it stands for: `%5C%6E` is a line feed, as `\n` is.
    this.#backslashes = isPercent ? escaped : escaped === (written | decoded) ? decoded : none;
    this.#backslashAt = from;
    this.#add(view, this.#value, { from, to, kind: decoded });
  }
}
