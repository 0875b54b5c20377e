import type { Redaction } from '../../../platform/redact';
import { isObject, membersOf, type Span } from '../../../mcp-wire/json';

const maximumKeys = 32;
const maximumKeyLength = 64;
/** Larger arguments are not analyzed. */
const maximumBytes = 256 * 1024;

/**
 * The shape of a call's arguments as JSON text: the keys and the JSON types of the values, without the values. `null` when
 * there are no arguments, and `"large"` when they are too large. Keys beyond the 32nd are counted under `…`.
 */
export function shapeOf(bytes: Buffer, span: Span | undefined, redaction: Redaction): string {
  if (!isObject(bytes, span)) return 'null';
  if (span.end - span.start > maximumBytes) return '"large"';
  const members = membersOf(bytes, span.start);
  let shape = '';
  for (const { key, start } of members.slice(0, maximumKeys))
    shape += `${shape === '' ? '{' : ','}${quotedKey(key, redaction)}:"${typeAt(bytes, start)}"`;
  if (members.length > maximumKeys) shape += `,"…":${members.length - maximumKeys}`;
  return shape === '' ? '{}' : `${shape}}`;
}

function quotedKey(key: string, { quote, redact }: Redaction): string {
  return key.length <= maximumKeyLength
    ? quote(key)
    : JSON.stringify(redact(key, maximumKeyLength).slice(0, maximumKeyLength));
}

function typeAt(bytes: Buffer, at: number): string {
  switch (bytes[at]) {
    case 0x22:
      return 'string';
    case 0x7b:
      return 'object';
    case 0x5b:
      return 'array';
    case 0x74:
    case 0x66:
      return 'boolean';
    case 0x6e:
      return 'null';
    default:
      return 'number';
  }
}
