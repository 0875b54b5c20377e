import {
  checkEnd,
  CLOSE_BRACE,
  CLOSE_BRACKET,
  COLON,
  COMMA,
  JsonSyntaxError,
  OPEN_BRACE,
  OPEN_BRACKET,
  QUOTE,
  skipSpace,
  skipString,
  skipValue,
} from './json-scan';
import { textOf } from './texts';

/** Offsets into a buffer; `end` is exclusive. */
export interface Span {
  start: number;
  end: number;
}

/** One member of an object. `keyStart` is the offset of the key's opening quote. */
export interface Member extends Span {
  key: string;
  keyStart: number;
}

/** The span of the one value that the whole buffer holds, or of the value at `from`. */
export function wholeValue(bytes: Buffer, from = 0): Span {
  const start = skipSpace(bytes, from);
  const end = skipValue(bytes, start);
  checkEnd(bytes, end);
  return { start, end };
}

/** The members of the object that starts at `start`, in order, including duplicates. */
export function membersOf(bytes: Buffer, start: number): Member[] {
  return objectAt(bytes, start).members;
}

/** The members of the one object that the buffer holds. Throws {@link JsonSyntaxError} when something follows it. */
export function wholeObject(bytes: Buffer, start: number): Member[] {
  const { members, end } = objectAt(bytes, start);
  checkEnd(bytes, end);
  return members;
}

/** The members of an object, and where it ends. */
function objectAt(bytes: Buffer, start: number): { members: Member[]; end: number } {
  if (bytes[start] !== OPEN_BRACE) throw new JsonSyntaxError('expected an object', start);
  const members: Member[] = [];
  let i = skipSpace(bytes, start + 1);
  if (bytes[i] === CLOSE_BRACE) return { members, end: i + 1 };
  for (;;) {
    const keyStart = i;
    const keyEnd = skipString(bytes, keyStart);
    i = skipSpace(bytes, keyEnd);
    if (bytes[i] !== COLON) throw new JsonSyntaxError('expected ":"', i);
    const valueStart = skipSpace(bytes, i + 1);
    const valueEnd = skipValue(bytes, valueStart);
    members.push({
      key: stringAt(bytes, keyStart, keyEnd),
      keyStart,
      start: valueStart,
      end: valueEnd,
    });
    i = skipSpace(bytes, valueEnd);
    if (bytes[i] === CLOSE_BRACE) return { members, end: i + 1 };
    if (bytes[i] !== COMMA) throw new JsonSyntaxError('expected "," or "}"', i);
    i = skipSpace(bytes, i + 1);
  }
}

/** The elements of the array that starts at `start`. */
export function elementsOf(bytes: Buffer, start: number): Span[] {
  if (bytes[start] !== OPEN_BRACKET) throw new JsonSyntaxError('expected an array', start);
  const elements: Span[] = [];
  let i = skipSpace(bytes, start + 1);
  if (bytes[i] === CLOSE_BRACKET) return elements;
  for (;;) {
    const end = skipValue(bytes, i);
    elements.push({ start: i, end });
    i = skipSpace(bytes, end);
    if (bytes[i] === CLOSE_BRACKET) return elements;
    if (bytes[i] !== COMMA) throw new JsonSyntaxError('expected "," or "]"', i);
    i = skipSpace(bytes, i + 1);
  }
}

/** The member with a key. Of duplicates it is the last one, as with `JSON.parse`. */
export function memberNamed(members: readonly Member[], key: string): Member | undefined {
  for (let i = members.length - 1; i >= 0; i -= 1) {
    const member = members[i];
    if (member?.key === key) return member;
  }
  return undefined;
}

/** Keys that an object must not repeat. */
export type KeySet = ReadonlyMap<string, number>;

export function keySet(...keys: readonly string[]): KeySet {
  return new Map(keys.map((key, i) => [key, 1 << i]));
}

/** The first of the keys that occurs twice. */
export function repeatedKey(members: readonly Member[], keys: KeySet): string | undefined {
  let seen = 0;
  for (const { key } of members) {
    const bit = keys.get(key) ?? 0;
    if ((seen & bit) !== 0) return key;
    seen |= bit;
  }
  return undefined;
}

/** The text of a string value, or `undefined` when the value is not a string. */
export function stringValue(bytes: Buffer, span: Span | undefined): string | undefined {
  return span && bytes[span.start] === QUOTE ? stringAt(bytes, span.start, span.end) : undefined;
}

export function isObject(bytes: Buffer, span: Span | undefined): span is Span {
  return span !== undefined && bytes[span.start] === OPEN_BRACE;
}

export function isArray(bytes: Buffer, span: Span | undefined): span is Span {
  return span !== undefined && bytes[span.start] === OPEN_BRACKET;
}

/** The text of the string whose quotes are at `start` and before `end`. */
function stringAt(bytes: Buffer, start: number, end: number): string {
  const text = textOf(bytes, start + 1, end - 1);
  return text.includes('\\') ? String(JSON.parse(`"${text}"`)) : text;
}
