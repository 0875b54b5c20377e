import type { ByteView } from './byte-view';
import { hexDigits } from './unescaped-view';

/** Stands between two runs of digits in a decoded view. No secret contains it. */
const gap = 0;

/** The value of a digit of base64 or base64url, or -1. */
const base64Digits = new Int8Array(256).fill(-1);
Buffer.from('ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/').forEach(
  (digit, value) => (base64Digits[digit] = value),
);
base64Digits['-'.charCodeAt(0)] = 62;
base64Digits['_'.charCodeAt(0)] = 63;

/** An encoding of bytes as digits. */
export interface DigitEncoding {
  digits: Int8Array;
  /** The bits of a digit. */
  bits: number;
  /** A run of digits may begin at any of so many places in the encoded text, because other digits can be before it. */
  offsets: number;
}

export const digitEncodings: readonly DigitEncoding[] = [
  { digits: hexDigits, bits: 4, offsets: 2 },
  { digits: base64Digits, bits: 6, offsets: 4 },
];

/** Whether a view has so many digits in a row. Most texts have not. Line breaks count as digits. */
export function hasRun({ bytes, length }: ByteView, { digits }: DigitEncoding, least: number): boolean {
  let start = 0;
  while (start + least <= length) {
    let at = start + least - 1;
    while (at >= start && isInRun(bytes[at] ?? 0, digits)) at -= 1;
    if (at < start) return true;
    start = at + 1;
  }
  return false;
}

function isInRun(byte: number, digits: Int8Array): boolean {
  return (digits[byte] ?? -1) >= 0 || byte === 0x0a || byte === 0x0d;
}

/**
 * Decodes every run of digits of a view, as if the encoded text began at the digit with this number. Line breaks, with the
 * indentation after them, are left out, because encoders wrap their lines.
 */
export function decodedView(
  source: ByteView,
  { digits, bits }: DigitEncoding,
  offset: number,
  view: ByteView,
): void {
  view.clear(source.length + 1);
  const { bytes, length } = source;
  let skip = offset;
  let pending = 0;
  let pendingBits = 0;
  let from = 0;
  let broken = false;
  for (let i = 0; i < length; i += 1) {
    const byte = bytes[i] ?? 0;
    const value = digits[byte] ?? -1;
    if (value < 0) {
      if (byte === 0x0a || byte === 0x0d) broken = true;
      else if (!broken || (byte !== 0x20 && byte !== 0x09)) {
        if (view.length > 0 && view.bytes[view.length - 1] !== gap) view.push(gap, 0, 0);
        skip = offset;
        pendingBits = 0;
        broken = false;
      }
      continue;
    }
    broken = false;
    if (skip > 0) {
      skip -= 1;
      continue;
    }
    if (pendingBits === 0) from = source.from[i] ?? 0;
    pending = ((pending << bits) | value) & 0xffff;
    pendingBits += bits;
    if (pendingBits < 8) continue;
    pendingBits -= 8;
    view.push((pending >> pendingBits) & 0xff, from, source.to[i] ?? 0);
    from = source.from[i] ?? 0;
  }
}
