/**
 * A validating scanner of JSON bytes (RFC 8259). It finds where values start and end without creating them, so that the
 * gateway can relay values byte for byte. It does not use recursion, so deep nesting cannot overflow the stack.
 */

/** The bytes are not JSON. `offset` counts bytes. */
export class JsonSyntaxError extends Error {
  constructor(
    readonly problem: string,
    readonly offset: number,
  ) {
    super(`${problem} at byte ${offset}`);
    this.name = 'JsonSyntaxError';
  }
}

export const QUOTE = 0x22;
export const COMMA = 0x2c;
export const COLON = 0x3a;
const BACKSLASH = 0x5c;
export const OPEN_BRACKET = 0x5b;
export const CLOSE_BRACKET = 0x5d;
export const OPEN_BRACE = 0x7b;
export const CLOSE_BRACE = 0x7d;

/** The offset of the first byte at or after `at` that is not white space. */
export function skipSpace(bytes: Buffer, at: number): number {
  let i = at;
  for (;;) {
    const c = bytes[i];
    if (c !== 0x20 && c !== 0x0a && c !== 0x0d && c !== 0x09) return i;
    i += 1;
  }
}

/** Throws {@link JsonSyntaxError} when anything but white space follows. */
export function checkEnd(bytes: Buffer, end: number): void {
  const rest = skipSpace(bytes, end);
  if (rest !== bytes.length) throw new JsonSyntaxError('unexpected content after the value', rest);
}

/** The end of the value that starts at `start`; throws {@link JsonSyntaxError} when there is none. */
export function skipValue(bytes: Buffer, start: number): number {
  const first = bytes[start];
  if (first !== OPEN_BRACE && first !== OPEN_BRACKET) return skipScalar(bytes, start);
  return skipContainer(bytes, start);
}

function skipContainer(bytes: Buffer, start: number): number {
  // For each open level, the byte that closes it.
  const closers: number[] = [];
  let i = start;
  for (;;) {
    const c = bytes[i];
    if (c === OPEN_BRACE || c === OPEN_BRACKET) {
      const closer = c === OPEN_BRACE ? CLOSE_BRACE : CLOSE_BRACKET;
      i = skipSpace(bytes, i + 1);
      if (bytes[i] !== closer) {
        closers.push(closer);
        if (closer === CLOSE_BRACE) i = skipKey(bytes, i);
        continue;
      }
      i += 1;
    } else {
      i = skipScalar(bytes, i);
    }
    // A value has ended: close the levels that end here, or continue with the next value.
    for (;;) {
      const closer = closers.at(-1);
      if (closer === undefined) return i;
      i = skipSpace(bytes, i);
      if (bytes[i] === closer) {
        closers.pop();
        i += 1;
        continue;
      }
      if (bytes[i] !== COMMA) throw new JsonSyntaxError('expected "," or a closing bracket', i);
      i = skipSpace(bytes, i + 1);
      if (closer === CLOSE_BRACE) i = skipKey(bytes, i);
      break;
    }
  }
}

function skipKey(bytes: Buffer, start: number): number {
  const colon = skipSpace(bytes, skipString(bytes, start));
  if (bytes[colon] !== COLON) throw new JsonSyntaxError('expected ":"', colon);
  return skipSpace(bytes, colon + 1);
}

function skipScalar(bytes: Buffer, start: number): number {
  switch (bytes[start]) {
    case QUOTE:
      return skipString(bytes, start);
    case 0x74:
      return skipLiteral(bytes, start, 'true');
    case 0x66:
      return skipLiteral(bytes, start, 'false');
    case 0x6e:
      return skipLiteral(bytes, start, 'null');
    default:
      return skipNumber(bytes, start);
  }
}

function skipLiteral(bytes: Buffer, start: number, literal: string): number {
  const end = start + literal.length;
  if (bytes.toString('latin1', start, end) !== literal) throw new JsonSyntaxError('expected a value', start);
  return end;
}

export function skipString(bytes: Buffer, start: number): number {
  if (bytes[start] !== QUOTE) throw new JsonSyntaxError('expected a string', start);
  let i = start + 1;
  for (;;) {
    const c = bytes[i];
    if (c === QUOTE) return i + 1;
    if (c === undefined) throw new JsonSyntaxError('unterminated string', start);
    if (c < 0x20) throw new JsonSyntaxError('control character in a string', i);
    i = c === BACKSLASH ? skipEscape(bytes, i) : i + 1;
  }
}

function skipEscape(bytes: Buffer, at: number): number {
  const c = bytes[at + 1];
  if (c === 0x75) {
    for (let i = at + 2; i < at + 6; i += 1)
      if (!isHex(bytes[i])) throw new JsonSyntaxError('bad \\u escape', at);
    return at + 6;
  }
  // " \ / b f n r t
  if (
    c === 0x22 ||
    c === 0x5c ||
    c === 0x2f ||
    c === 0x62 ||
    c === 0x66 ||
    c === 0x6e ||
    c === 0x72 ||
    c === 0x74
  )
    return at + 2;
  throw new JsonSyntaxError('bad escape', at);
}

function isHex(c: number | undefined): boolean {
  return (
    c !== undefined && ((c >= 0x30 && c <= 0x39) || (c >= 0x41 && c <= 0x46) || (c >= 0x61 && c <= 0x66))
  );
}

function isDigit(c: number | undefined): boolean {
  return c !== undefined && c >= 0x30 && c <= 0x39;
}

function skipNumber(bytes: Buffer, start: number): number {
  let i = bytes[start] === 0x2d ? start + 1 : start;
  if (bytes[i] === 0x30) i += 1;
  else i = skipDigits(bytes, i, start);
  if (bytes[i] === 0x2e) i = skipDigits(bytes, i + 1, start);
  if (bytes[i] === 0x65 || bytes[i] === 0x45) {
    i += 1;
    if (bytes[i] === 0x2b || bytes[i] === 0x2d) i += 1;
    i = skipDigits(bytes, i, start);
  }
  return i;
}

function skipDigits(bytes: Buffer, at: number, start: number): number {
  if (!isDigit(bytes[at])) throw new JsonSyntaxError(at === start ? 'expected a value' : 'bad number', at);
  let i = at + 1;
  while (isDigit(bytes[i])) i += 1;
  return i;
}
