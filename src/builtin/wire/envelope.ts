import {
  isObject,
  keySet,
  memberNamed,
  repeatedKey,
  skipSpace,
  stringValue,
  wholeObject,
  wholeValue,
  type Member,
  type Span,
} from './json';
import { textOf } from './texts';

/** The bytes of a JSON-RPC id as they came: `1`, `"a"`. Two ids are the same when their bytes are. */
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
  /** `undefined` when the peer could not read the id of what it refuses. */
  id: RawId | undefined;
  error: Span;
}

/** A JSON-RPC 2.0 message of which only the envelope was read. */
export type Message = RequestMessage | NotificationMessage | ResultMessage | ErrorMessage;

/** A message that is JSON but not JSON-RPC 2.0. `id` is set where it could be read. */
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
 * Reads the envelope of one message. Throws {@link JsonSyntaxError} for what is not JSON and {@link EnvelopeError} for
 * what is not a single JSON-RPC 2.0 message. Members of the envelope that stand twice are refused: two readers could
 * take different ones.
 */
export function scanMessage(bytes: Buffer): Message {
  const start = skipSpace(bytes, 0);
  if (bytes[start] !== 0x7b) throw notOneObject(bytes);
  const members = wholeObject(bytes, start);
  const id = idOf(bytes, memberNamed(members, 'id'));
  const twice = repeatedKey(members, owned);
  if (twice !== undefined) throw new EnvelopeError(`"${twice}" stands twice`, id);
  if (stringValue(bytes, memberNamed(members, 'jsonrpc')) !== '2.0')
    throw new EnvelopeError('"jsonrpc" must be "2.0"', id);
  return classify(bytes, members, id);
}

function notOneObject(bytes: Buffer): Error {
  wholeValue(bytes);
  return new EnvelopeError(
    'a JSON-RPC message is one object; batches are not part of this protocol revision',
  );
}

function classify(bytes: Buffer, members: readonly Member[], id: RawId | undefined): Message {
  const methodMember = memberNamed(members, 'method');
  if (methodMember) {
    const method = stringValue(bytes, methodMember);
    if (method === undefined) throw new EnvelopeError('"method" must be a string', id);
    const params = memberNamed(members, 'params');
    if (params && !isObject(bytes, params)) throw new EnvelopeError('"params" must be an object', id);
    if (memberNamed(members, 'id') && id === undefined)
      throw new EnvelopeError('"id" must be a string or a number');
    return id === undefined
      ? { kind: 'notification', bytes, method, params }
      : { kind: 'request', bytes, id, method, params };
  }
  const error = memberNamed(members, 'error');
  if (error) return { kind: 'error', bytes, id, error };
  const result = memberNamed(members, 'result');
  if (result && id !== undefined) return { kind: 'result', bytes, id, result };
  throw new EnvelopeError('neither a request, a notification nor a response', id);
}

function idOf(bytes: Buffer, member: Member | undefined): RawId | undefined {
  if (!member) return undefined;
  const first = bytes[member.start];
  const isString = first === 0x22;
  const isNumber = first === 0x2d || (first !== undefined && first >= 0x30 && first <= 0x39);
  return isString || isNumber ? textOf(bytes, member.start, member.end) : undefined;
}

export interface Edit extends Span {
  replacement: Buffer | string;
}

/** A copy of `span` of the buffer with some spans inside it replaced; the edits do not overlap. */
export function splice(bytes: Buffer, span: Span, edits: readonly Edit[]): Buffer {
  if (edits.length === 0) return bytes.subarray(span.start, span.end);
  const inOrder = edits.length === 1 ? edits : [...edits].sort((a, b) => a.start - b.start);
  const parts: Buffer[] = [];
  let at = span.start;
  for (const edit of inOrder) {
    parts.push(bytes.subarray(at, edit.start), Buffer.from(edit.replacement));
    at = edit.end;
  }
  parts.push(bytes.subarray(at, span.end));
  return Buffer.concat(parts);
}

/** The bytes of a span; empty when there is none. */
export function slice(bytes: Buffer, span: Span): Buffer {
  return bytes.subarray(span.start, span.end);
}

export function requestBytes(id: RawId | number, method: string, params: Buffer | undefined): Buffer {
  const head = `{"jsonrpc":"2.0","id":${id},"method":${JSON.stringify(method)}`;
  return params
    ? Buffer.concat([Buffer.from(`${head},"params":`), params, closing])
    : Buffer.from(`${head}}`);
}

export function notificationBytes(method: string, params?: Buffer): Buffer {
  const head = `{"jsonrpc":"2.0","method":${JSON.stringify(method)}`;
  return params
    ? Buffer.concat([Buffer.from(`${head},"params":`), params, closing])
    : Buffer.from(`${head}}`);
}

export function resultBytes(id: RawId, result: Buffer): Buffer {
  return Buffer.concat([Buffer.from(`{"jsonrpc":"2.0","id":${id},"result":`), result, closing]);
}

/** An error response around an error object that is relayed as it came. */
export function errorBytes(id: RawId | undefined, error: Buffer): Buffer {
  return Buffer.concat([Buffer.from(`{"jsonrpc":"2.0","id":${id ?? 'null'},"error":`), error, closing]);
}

const closing = Buffer.from('}');

/** The message as one line: line breaks in it can only be insignificant white space. */
export function asLine(bytes: Buffer): Buffer {
  const line = Buffer.allocUnsafe(bytes.length + 1);
  line.set(bytes);
  line[bytes.length] = 0x0a;
  if (bytes.includes(0x0a) || bytes.includes(0x0d))
    for (let i = 0; i < bytes.length; i += 1) if (line[i] === 0x0a || line[i] === 0x0d) line[i] = 0x20;
  return line;
}
