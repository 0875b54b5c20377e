/**
 * A text as bytes in which secrets are searched: as it is, or decoded. Byte `i` was made from the characters `from[i]` to
 * `to[i]` (exclusive) of the text.
 */
export class ByteView {
  bytes = new Uint8Array(0);
  from = new Int32Array(0);
  to = new Int32Array(0);
  length = 0;

  /** Forgets the content and makes room for so many bytes. */
  clear(room: number): void {
    this.length = 0;
    if (room <= this.bytes.length) return;
    const size = Math.max(256, 2 ** Math.ceil(Math.log2(room)));
    this.bytes = new Uint8Array(size);
    this.from = new Int32Array(size);
    this.to = new Int32Array(size);
  }

  push(byte: number, from: number, to: number): void {
    const at = this.length;
    this.bytes[at] = byte;
    this.from[at] = from;
    this.to[at] = to;
    this.length = at + 1;
  }

  /** Adds a code unit of UTF-16 as UTF-8. A low surrogate completes the high surrogate before it. */
  pushUnit(unit: number, from: number, to: number): void {
    if (unit < 0x80) {
      this.push(unit, from, to);
      return;
    }
    if (unit < 0x800) {
      this.push(0xc0 | (unit >> 6), from, to);
    } else {
      if (unit >= 0xdc00 && unit < 0xe000 && this.#completePair(unit, to)) return;
      this.push(0xe0 | (unit >> 12), from, to);
      this.push(0x80 | ((unit >> 6) & 0x3f), from, to);
    }
    this.push(0x80 | (unit & 0x3f), from, to);
  }

  /** Replaces the three bytes of a high surrogate at the end by the four bytes of the whole character. */
  #completePair(low: number, to: number): boolean {
    const { bytes } = this;
    const at = this.length - 3;
    const second = bytes[at + 1] ?? 0;
    if (at < 0 || bytes[at] !== 0xed || second < 0xa0 || second > 0xaf) return false;
    const high = ((second & 0x3f) << 6) | ((bytes[at + 2] ?? 0) & 0x3f);
    const point = 0x10000 + ((high & 0x3ff) << 10) + (low & 0x3ff);
    const from = this.from[at] ?? 0;
    this.length = at;
    this.push(0xf0 | (point >> 18), from, to);
    for (const shift of [12, 6, 0]) this.push(0x80 | ((point >> shift) & 0x3f), from, to);
    return true;
  }
}

/** Makes the view of the text as it is. */
export function plainView(text: string, view: ByteView): void {
  view.clear(text.length);
  for (let i = 0; i < text.length; i += 1) {
    const unit = text.charCodeAt(i);
    if (unit < 0x80) {
      view.bytes[view.length] = unit;
      view.from[view.length] = i;
      view.to[view.length] = i + 1;
      view.length += 1;
    } else {
      // Most texts are ASCII, so room for more is only made for the others.
      if (view.bytes.length < text.length * 3) {
        view.clear(text.length * 3);
        i = -1;
        continue;
      }
      view.pushUnit(unit, i, i + 1);
    }
  }
}
