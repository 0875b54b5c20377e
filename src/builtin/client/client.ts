import type { Disposable } from '../../platform/disposable';
import { shortText } from '../../platform/short-text';
import type { ServerRequest } from './call-link';
import type { RpcResponse } from '../../mcp-wire/rpc-response';
import type { Subscriber } from './subscriber';
import { isObject, memberNamed, membersOf, stringValue, type Span } from '../../mcp-wire/json';

/** The protocol eras: with a session (2024-11-05 to 2025-11-25), and stateless (2026-07-28). */
export type Era = 'legacy' | 'modern';

/** The identity of a client, byte for byte, so that a server behind the gateway sees the real client. */
export interface ClientIdentity {
  readonly capabilities: Buffer;
  readonly info: Buffer;
  /** The keys of the capabilities. */
  readonly declared: ReadonlySet<string>;
}

/** A client with a session: it can receive notifications and server requests outside its own requests. */
export interface ClientSession extends Subscriber {
  /** The log level that the client has set. */
  readonly logLevel: string | undefined;
  /** Sends a message that belongs to no request. */
  send(message: Buffer): void;
  /** Relays a notification of a server, if it passes the log level of the client. */
  notify(method: string, params: Buffer | undefined): void;
  /** Sends a server request to the client. Rejects when the client cannot be reached or does not support it. */
  request(request: ServerRequest): Promise<RpcResponse>;
  readonly ended: boolean;
  onEnded(listener: () => void): Disposable;
}

/** A call that may have a dedicated connection. */
export interface ClientCall {
  /** Since when it waits for input of its client, in milliseconds. `undefined` while the client waits for the call. */
  readonly waitingForInputSince: number | undefined;
  /** Ends the call, so that another call can use its connection. */
  evict(): void;
}

/** One client as the router sees it: a session, or one request of the stateless era. */
export interface Client {
  readonly era: Era;
  readonly identity: ClientIdentity;
  readonly session: ClientSession | undefined;
  /** The name of its token. Dedicated connections are never shared between tokens. */
  readonly owner: string;
  /** The log level of a session. */
  readonly logLevel?: string | undefined;
  /** The current call of a client without a session, once it is sent to a server. */
  readonly call?: ClientCall | undefined;
}

/** The capability that a client must declare for each server request. */
const capabilityFor: ReadonlyMap<string, string> = new Map([
  ['sampling/createMessage', 'sampling'],
  ['elicitation/create', 'elicitation'],
  ['roots/list', 'roots'],
]);

const requestCapabilities = [...capabilityFor.values()];

/** Reads an identity from the spans of its two objects. A missing object, or a value that is not an object, is empty. */
export function readIdentity(
  bytes: Buffer,
  capabilities: Span | undefined,
  info: Span | undefined,
): ClientIdentity {
  return makeIdentity(objectAt(bytes, capabilities), objectAt(bytes, info));
}

export function makeIdentity(capabilities: Buffer, info: Buffer): ClientIdentity {
  return { capabilities, info, declared: new Set(membersOf(capabilities, 0).map(({ key }) => key)) };
}

/** Whether the client accepts any kind of server request. */
export function acceptsRequests({ declared }: ClientIdentity): boolean {
  return requestCapabilities.some((capability) => declared.has(capability));
}

/** Whether the client supports a server request. Methods that are unknown here are passed to the client. */
export function supportsRequest({ declared }: ClientIdentity, method: string): boolean {
  const capability = capabilityFor.get(method);
  return capability === undefined || declared.has(capability);
}

const longestName = 256;

/** The name that the client gave itself, at most 256 characters. */
export function nameOf({ info }: ClientIdentity): string | undefined {
  const name = stringValue(info, memberNamed(membersOf(info, 0), 'name'));
  return name === undefined ? undefined : shortText(name, longestName);
}

function objectAt(bytes: Buffer, span: Span | undefined): Buffer {
  return isObject(bytes, span) ? Buffer.from(bytes.subarray(span.start, span.end)) : Buffer.from('{}');
}
