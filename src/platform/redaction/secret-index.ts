import type { ByteView } from './byte-view';
import { WindowTable } from './window-table';

/** Values of fewer bytes are too common to be secrets. */
const shortest = 6;
/** Values of so many bytes are found by windows of so many. */
const width = 16;
/** Of longer values, each piece is found, because logs and encoders split them. */
const longestWhole = 128;
/** Shorter pieces are too common. */
const shortestPiece = 24;
/** In decoded text a shorter piece is enough, because no other text decodes to it. */
const shortestDecoded = 16;
/** A window of fewer different bytes, such as a line of dashes, says nothing about a long value. */
const leastVariety = 5;

/** The distance of the windows of a value. */
const stride = 4;
const longStride = 8;
const manyBytes = 1024;

/** Receives the part of a view that is a secret or a piece of one. */
export type OnSecret = (start: number, end: number) => void;

/**
 * The values of all secrets, and the search for them. The time of a search depends on the length of the text only, and the
 * time and room of an addition on the length of the value only.
 *
 * A value of up to 128 bytes is found as a whole. In decoded text, pieces of at least 16 bytes are found too. Of a longer
 * value each piece of at least 24 bytes is found.
 */
export class SecretIndex {
  readonly #values: Uint8Array[] = [];
  readonly #short = new WindowTable(shortest);
  readonly #long = new WindowTable(width);
  /** How far a value was compared with the text of a search, so that nothing is compared twice. */
  readonly #reached: number[] = [];
  #searched = 0;
  #least = Infinity;

  /** The fewest bytes that can be found. `Infinity` without values. */
  get least(): number {
    return this.#least;
  }

  add(bytes: Uint8Array): void {
    if (bytes.length < shortest) return;
    const value = this.#values.length;
    this.#values.push(bytes);
    this.#reached.push(0);
    this.#least = Math.min(this.#least, bytes.length, width);
    if (bytes.length < width) this.#short.add(value, bytes, [this.#short.quietest(bytes)]);
    else this.#long.add(value, bytes, windowsOf(bytes));
  }

  /** Finds all secrets in a view. `decoded` says that the view was decoded from digits. */
  search(view: ByteView, decoded: boolean, found: OnSecret): void {
    const { bytes, length } = view;
    if (!this.#short.isEmpty)
      this.#short.search(bytes, length, (at, value, place) => this.#whole(view, at - place, value, found));
    if (!this.#long.isEmpty)
      this.#long.search(bytes, length, (at, value, place) =>
        this.#piece(view, at, { value, place, decoded }, found),
      );
    this.#searched += length;
  }

  #whole(view: ByteView, start: number, value: number, found: OnSecret): void {
    const secret = this.#values[value];
    if (!secret || start < 0 || start + secret.length > view.length) return;
    for (let i = 0; i < secret.length; i += 1) if (view.bytes[start + i] !== secret[i]) return;
    found(start, start + secret.length);
  }

  /** Extends a window in both directions as far as the text equals the value. */
  #piece(
    { bytes, length }: ByteView,
    at: number,
    { value, place, decoded }: { value: number; place: number; decoded: boolean },
    found: OnSecret,
  ): void {
    const secret = this.#values[value];
    if (!secret) return;
    const isLong = secret.length > longestWhole;
    const reached = isLong ? (this.#reached[value] ?? 0) - this.#searched : 0;
    if (at + width <= reached) return;
    const shift = at - place;
    const from = Math.max(0, shift, Math.min(reached, at));
    const to = Math.min(length, shift + secret.length);
    let end = at;
    while (end < to && bytes[end] === secret[end - shift]) end += 1;
    if (end < at + width) return;
    let start = at;
    while (start > from && bytes[start - 1] === secret[start - 1 - shift]) start -= 1;
    if (isLong) this.#reached[value] = this.#searched + end;
    const size = end - start;
    const enough = decoded ? shortestDecoded : isLong ? shortestPiece : Infinity;
    if (size === secret.length || size >= enough) found(start, end);
  }
}

/** The places of the windows of a value. */
function* windowsOf(bytes: Uint8Array): Iterable<number> {
  const step = bytes.length > manyBytes ? longStride : stride;
  const last = bytes.length - width;
  const isLong = bytes.length > longestWhole;
  let any = false;
  for (let place = 0; place <= last; place += step) {
    if (isLong && !isVaried(bytes, place)) continue;
    any = true;
    yield place;
  }
  if (!any || last % step !== 0) yield last;
}

function isVaried(bytes: Uint8Array, place: number): boolean {
  let different = 0;
  for (let i = place; i < place + width && different < leastVariety; i += 1)
    if (bytes.indexOf(bytes[i] ?? 0, place) === i) different += 1;
  return different >= leastVariety;
}
