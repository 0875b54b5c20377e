import { isObject, memberNamed, membersOf, stringValue, wholeValue, type Member, type Span } from './json';

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

const owned = ['jsonrpc', 'id', 'method', 'params', 'result', 'error'];

/**
 * Reads the envelope of one message. Throws {@link JsonSyntaxError} for what is not JSON and {@link EnvelopeError} for
 * what is not a single JSON-RPC 2.0 message. Members of the envelope that stand twice are refused: two readers could
 * take different ones.
 */
export function scanMessage(bytes: Buffer): Message {
  const whole = wholeValue(bytes);
  if (!isObject(bytes, whole))
    throw new EnvelopeError(
      'a JSON-RPC message is one object; batches are not part of this protocol revision',
    );
  const members = membersOf(bytes, whole.start);
  const id = idOf(bytes, memberNamed(members, 'id'));
  for (const key of owned) {
    if (members.filter((member) => member.key === key).length > 1)
      throw new EnvelopeError(`"${key}" stands twice`, id);
  }
  if (stringValue(bytes, memberNamed(members, 'jsonrpc')) !== '2.0')
    throw new EnvelopeError('"jsonrpc" must be "2.0"', id);
  return classify(bytes, members, id);
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
  return isString || isNumber ? bytes.toString('utf8', member.start, member.end) : undefined;
}

export interface Edit extends Span {
  replacement: Buffer | string;
}

/** A copy of `span` of the buffer with some spans inside it replaced; the edits do not overlap. */
export function splice(bytes: Buffer, span: Span, edits: readonly Edit[]): Buffer {
  if (edits.length === 0) return bytes.subarray(span.start, span.end);
  const parts: Buffer[] = [];
  let at = span.start;
  for (const edit of [...edits].sort((a, b) => a.start - b.start)) {
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

/** The message without line breaks: they can only be insignificant white space, and a line carries one message on stdio. */
export function asLine(bytes: Buffer): Buffer {
  if (!bytes.includes(0x0a) && !bytes.includes(0x0d)) return bytes;
  const copy = Buffer.from(bytes);
  for (let i = 0; i < copy.length; i += 1) if (copy[i] === 0x0a || copy[i] === 0x0d) copy[i] = 0x20;
  return copy;
}
