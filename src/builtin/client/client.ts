import type { Disposable } from '../../platform/disposable';
import { shortText } from '../../platform/short-text';
import type { ServerRequest } from './call-link';
import type { RpcResponse } from '../../mcp-wire/rpc-response';
import type { Subscriber } from './subscriber';
import { isObject, memberNamed, membersOf, stringValue, type Span } from '../../mcp-wire/json';

/** The protocol eras: with a session (2024-11-05 to 2025-11-25), and stateless (2026-07-28). */
export type Era = 'legacy' | 'modern';

/** What a client says of itself, byte for byte, so that a server behind the gateway sees the client's true identity. */
export interface ClientIdentity {
  readonly capabilities: Buffer;
  readonly info: Buffer;
  /** The keys of the capabilities. */
  readonly declared: ReadonlySet<string>;
}

/** A client that stays: it can be told and asked things outside its requests. */
export interface ClientSession extends Subscriber {
  /** The log level that the client asked for. */
  readonly logLevel: string | undefined;
  /** Sends a message that belongs to no request. */
  send(message: Buffer): void;
  /** Sends a notification of a server, unless the client does not want it. */
  notify(method: string, params: Buffer | undefined): void;
  /** Puts a server's question to the client. Rejects when it cannot be asked. */
  request(request: ServerRequest): Promise<RpcResponse>;
  readonly ended: boolean;
  onEnded(listener: () => void): Disposable;
}

/** A call for which a server may have a connection that nobody else uses. */
export interface ClientCall {
  /** Since when its client is away with questions, in milliseconds; `undefined` while somebody waits for it. */
  readonly waitingForInputSince: number | undefined;
  /** Ends it, so that another call can take its place. */
  evict(): void;
}

/** One client as the router sees it: a session, or one request of the stateless era. */
export interface Client {
  readonly era: Era;
  readonly identity: ClientIdentity;
  readonly session: ClientSession | undefined;
  /** The name of the token that it came with: what one token's clients leave behind is not for another's. */
  readonly owner: string;
  /** The log level that a session asked for. */
  readonly logLevel?: string | undefined;
  /** The call that a client without a session makes, from when it is sent to a server. */
  readonly call?: ClientCall | undefined;
}

/** The capability that a client must declare before a server may ask it for something. */
const capabilityFor: ReadonlyMap<string, string> = new Map([
  ['sampling/createMessage', 'sampling'],
  ['elicitation/create', 'elicitation'],
  ['roots/list', 'roots'],
]);

const requestCapabilities = [...capabilityFor.values()];

/** Reads a identity from the spans of its two objects; what is missing or no object counts as empty. */
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

/** Whether a server has anything to ask this client for. */
export function acceptsRequests({ declared }: ClientIdentity): boolean {
  return requestCapabilities.some((capability) => declared.has(capability));
}

/** Whether the client takes questions of that method; a method that is not known here is left to the client. */
export function supportsRequest({ declared }: ClientIdentity, method: string): boolean {
  const capability = capabilityFor.get(method);
  return capability === undefined || declared.has(capability);
}

const longestName = 256;

/** How the client calls itself, for people to read: the first 256 characters of it. */
export function nameOf({ info }: ClientIdentity): string | undefined {
  const name = stringValue(info, memberNamed(membersOf(info, 0), 'name'));
  return name === undefined ? undefined : shortText(name, longestName);
}

function objectAt(bytes: Buffer, span: Span | undefined): Buffer {
  return isObject(bytes, span) ? Buffer.from(bytes.subarray(span.start, span.end)) : Buffer.from('{}');
}
