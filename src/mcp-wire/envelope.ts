import {
  isObject,
  keySet,
  memberNamed,
  repeatedKey,
  stringValue,
  wholeObject,
  wholeValue,
  type Member,
  type Span,
} from './json';
import { skipSpace } from './json-scan';

/** A JSON-RPC id as JSON, exactly as it was received: `1`, `"a"`. Two ids are equal when their bytes are equal. */
export type RawId = string;

interface Base {
  /** The whole message. */
  bytes: Buffer;
}

export interface RequestMessage extends Base {
  kind: 'request';
  id: RawId;
  method: string;
  params: Span | undefined;
}

export interface NotificationMessage extends Base {
  kind: 'notification';
  method: string;
  params: Span | undefined;
}

export interface ResultMessage extends Base {
  kind: 'result';
  id: RawId;
  result: Span;
}

export interface ErrorMessage extends Base {
  kind: 'error';
  /** `undefined` when the peer could not read the id of the request. */
  id: RawId | undefined;
  error: Span;
}

/** A JSON-RPC 2.0 message. Only its envelope was parsed. */
export type Message = RequestMessage | NotificationMessage | ResultMessage | ErrorMessage;

/** The message is JSON but not JSON-RPC 2.0. `id` is set when it could be read. */
export class EnvelopeError extends Error {
  constructor(
    message: string,
    readonly id?: RawId,
  ) {
    super(message);
    this.name = 'EnvelopeError';
  }
}

const owned = keySet('jsonrpc', 'id', 'method', 'params', 'result', 'error');

/**
 * Reads the envelope of one message. Throws {@link JsonSyntaxError} when the bytes are not JSON, and {@link EnvelopeError}
 * when they are not a single JSON-RPC 2.0 message. A member of the envelope must not occur twice, because two readers
 * could use different ones.
 */
export function scanMessage(bytes: Buffer): Message {
  const start = skipSpace(bytes, 0);
  if (bytes[start] !== 0x7b) throw notOneObject(bytes);
  const members = wholeObject(bytes, start);
  const id = idOf(bytes, memberNamed(members, 'id'));
  const twice = repeatedKey(members, owned);
  if (twice !== undefined) throw new EnvelopeError(`"${twice}" occurs twice.`, id);
  if (stringValue(bytes, memberNamed(members, 'jsonrpc')) !== '2.0')
    throw new EnvelopeError('"jsonrpc" must be "2.0".', id);
  return classify(bytes, members, id);
}

function notOneObject(bytes: Buffer): Error {
  wholeValue(bytes);
  return new EnvelopeError(
    'A JSON-RPC message must be one object. Batches are not part of this protocol revision.',
  );
}

function classify(bytes: Buffer, members: readonly Member[], id: RawId | undefined): Message {
  const methodMember = memberNamed(members, 'method');
  if (methodMember) {
    const method = stringValue(bytes, methodMember);
    if (method === undefined) throw new EnvelopeError('"method" must be a string.', id);
    const params = memberNamed(members, 'params');
    if (params && !isObject(bytes, params)) throw new EnvelopeError('"params" must be an object.', id);
    if (memberNamed(members, 'id') && id === undefined)
      throw new EnvelopeError('"id" must be a string or a number.');
    return id === undefined
      ? { kind: 'notification', bytes, method, params }
      : { kind: 'request', bytes, id, method, params };
  }
  const error = memberNamed(members, 'error');
  if (error) return { kind: 'error', bytes, id, error };
  const result = memberNamed(members, 'result');
  if (result && id !== undefined) return { kind: 'result', bytes, id, result };
  throw new EnvelopeError('The message is not a request, a notification or a response.', id);
}

function idOf(bytes: Buffer, member: Member | undefined): RawId | undefined {
  if (!member) return undefined;
  const first = bytes[member.start];
  const isString = first === 0x22;
  const isNumber = first === 0x2d || (first !== undefined && first >= 0x30 && first <= 0x39);
  return isString || isNumber ? bytes.toString('utf8', member.start, member.end) : undefined;
}

export interface Edit extends Span {
  replacement: Buffer | string;
}

/** A copy of a span of the buffer, with some spans inside it replaced. The edits must not overlap. */
export function splice(bytes: Buffer, span: Span, edits: readonly Edit[]): Buffer {
  if (edits.length === 0) return bytes.subarray(span.start, span.end);
  const inOrder = edits.length === 1 ? edits : [...edits].sort((a, b) => a.start - b.start);
  let length = span.end - span.start;
  for (const { start, end, replacement } of inOrder) length += Buffer.byteLength(replacement) - (end - start);
  const spliced = Buffer.allocUnsafe(length);
  let from = span.start;
  let at = 0;
  for (const { start, end, replacement } of inOrder) {
    at = put(spliced, at, bytes, from, start);
    if (typeof replacement === 'string') at += spliced.write(replacement, at);
    else at = put(spliced, at, replacement, 0, replacement.length);
    from = end;
  }
  put(spliced, at, bytes, from, span.end);
  return spliced;
}

/** For fewer bytes than this, a loop is faster than `copy`. */
const shortBytes = 96;

/** Copies bytes. Returns the offset after them in the target. */
function put(target: Buffer, at: number, bytes: Buffer, start: number, end: number): number {
  if (end - start > shortBytes) return at + bytes.copy(target, at, start, end);
  for (let i = start; i < end; i += 1) target[at + i - start] = bytes[i] ?? 0;
  return at + end - start;
}

/** The bytes of a span. */
export function slice(bytes: Buffer, span: Span): Buffer {
  return bytes.subarray(span.start, span.end);
}

export function requestBytes(id: RawId | number, method: string, params: Buffer | undefined): Buffer {
  return withParams(`{"jsonrpc":"2.0","id":${id},"method":${JSON.stringify(method)}`, params);
}

export function notificationBytes(method: string, params?: Buffer): Buffer {
  return withParams(`{"jsonrpc":"2.0","method":${JSON.stringify(method)}`, params);
}

export function resultBytes(id: RawId, result: Buffer): Buffer {
  return closed(`{"jsonrpc":"2.0","id":${id},"result":`, result);
}

/** An error response around an error object that is relayed unchanged. */
export function errorBytes(id: RawId | undefined, error: Buffer): Buffer {
  return closed(`{"jsonrpc":"2.0","id":${id ?? 'null'},"error":`, error);
}

function withParams(head: string, params: Buffer | undefined): Buffer {
  return params ? closed(`${head},"params":`, params) : Buffer.from(`${head}}`);
}

/** The start of an object, its last value and the closing brace. */
function closed(head: string, value: Buffer): Buffer {
  const start = Buffer.byteLength(head);
  const bytes = Buffer.allocUnsafe(start + value.length + 1);
  bytes.write(head);
  put(bytes, start, value, 0, value.length);
  bytes[bytes.length - 1] = 0x7d;
  return bytes;
}

/** The message as one line. A line break in JSON can only be insignificant white space, so it becomes a space. */
export function asLine(bytes: Buffer): Buffer {
  const line = Buffer.allocUnsafe(bytes.length + 1);
  line.set(bytes);
  line[bytes.length] = 0x0a;
  if (bytes.includes(0x0a) || bytes.includes(0x0d))
    for (let i = 0; i < bytes.length; i += 1) if (line[i] === 0x0a || line[i] === 0x0d) line[i] = 0x20;
  return line;
}
