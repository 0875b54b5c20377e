import { scanMessage, splice, type Message, type RawId } from '../../mcp-wire/envelope';
import { headerValue } from '../../mcp-wire/header-value';
import { elementsOf, memberNamed, membersOf } from '../../mcp-wire/json';
import { skipSpace } from '../../mcp-wire/json-scan';
import { Params } from '../../mcp-wire/params';

/** Methods that may be sent again when it is not known whether the first attempt was carried out. */
const repeatable = new Set([
  'initialize',
  'ping',
  'server/discover',
  'tools/list',
  'prompts/list',
  'prompts/get',
  'resources/list',
  'resources/templates/list',
  'resources/read',
  'resources/subscribe',
  'resources/unsubscribe',
  'subscriptions/listen',
  'completion/complete',
  'logging/setLevel',
  'tasks/get',
  'tasks/list',
]);

/** Which member of the params the `Mcp-Name` header repeats (2026-07-28, standard request headers). */
const namedBy: Readonly<Record<string, string>> = {
  'tools/call': 'name',
  'prompts/get': 'name',
  'resources/read': 'uri',
  'tasks/get': 'taskId',
  'tasks/update': 'taskId',
  'tasks/cancel': 'taskId',
};

export function isRepeatable(method: string): boolean {
  return repeatable.has(method);
}

/** The messages of one line: one, or those of a batch (2025-03-26), each with its own bytes. */
export function messagesIn(line: Buffer): Buffer[] {
  const start = skipSpace(line, 0);
  if (line[start] !== 0x5b) return [line];
  return elementsOf(line, start).map((span) => line.subarray(span.start, span.end));
}

/** The fields of a message's params. */
export function paramsOf(message: Message): Params {
  return new Params(message.bytes, 'params' in message ? message.params : undefined);
}

/** The headers that a request of 2026-07-28 repeats from its body; none for a message of the legacy era. */
export function modernHeaders(method: string, params: Params): Record<string, string> | undefined {
  const version = params.protocolVersion;
  if (version === undefined) return undefined;
  const key = Object.hasOwn(namedBy, method) ? namedBy[method] : undefined;
  const name = key === undefined ? undefined : params.text(key);
  return {
    'mcp-protocol-version': headerValue(version),
    'mcp-method': headerValue(method),
    ...(name === undefined ? {} : { 'mcp-name': headerValue(name) }),
  };
}

/** A response with another id: the one by which the client knows its request. */
export function withId(bytes: Buffer, id: RawId): Buffer {
  const whole = { start: skipSpace(bytes, 0), end: bytes.length };
  const member = memberNamed(membersOf(bytes, whole.start), 'id');
  if (member)
    return bytes.toString('utf8', member.start, member.end) === id
      ? bytes
      : splice(bytes, whole, [{ start: member.start, end: member.end, replacement: id }]);
  const at = whole.start + 1;
  return splice(bytes, whole, [{ start: at, end: at, replacement: `"id":${id},` }]);
}

/** The error code of an error response. */
export function errorCodeOf(message: Message): number | undefined {
  if (message.kind !== 'error') return undefined;
  const code = memberNamed(membersOf(message.bytes, message.error.start), 'code');
  return code && Number(message.bytes.toString('utf8', code.start, code.end));
}

/** Reads a message, or `undefined` when the bytes are none. */
export function tryScan(bytes: Buffer): Message | undefined {
  try {
    return scanMessage(bytes);
  } catch {
    return undefined;
  }
}
