/** The number of texts that are kept; a power of two. */
const slots = 512;
/** Longer texts are rarely repeated. */
const longest = 48;

const interned = new Array<string | undefined>(slots);

/**
 * The text of UTF-8 bytes. Keys, methods and names repeat often. A short ASCII text that was read before is found by its
 * bytes, which is much cheaper than a new string. Each slot keeps its latest text.
 */
export function textOf(bytes: Buffer, start: number, end: number): string {
  const length = end - start;
  if (length > longest) return bytes.toString('utf8', start, end);
  let hash = length;
  let all = 0;
  for (let i = start; i < end; i += 1) {
    const byte = bytes[i] ?? 0;
    hash = (Math.imul(hash, 31) + byte) | 0;
    all |= byte;
  }
  if (all > 0x7f) return bytes.toString('utf8', start, end);
  const place = hash & (slots - 1);
  const known = interned[place];
  if (known?.length === length && isAt(known, bytes, start)) return known;
  const text = bytes.toString('latin1', start, end);
  interned[place] = text;
  return text;
}

function isAt(text: string, bytes: Buffer, start: number): boolean {
  for (let i = 0; i < text.length; i += 1) if (text.charCodeAt(i) !== bytes[start + i]) return false;
  return true;
}
