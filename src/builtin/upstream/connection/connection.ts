import { messageOf } from '../../../platform/errors';
import { sentence } from '../../../platform/sentence';
import type { ServerDefinition } from '../../../servers/schema';
import type { ClientIdentity, Era } from '../../client/client';
import type { RpcResponse } from '../../../mcp-wire/rpc-response';
import { memberNamed, membersOf, stringValue } from '../../../mcp-wire/json';
import type { CallLink, ServerRequest } from '../../client/call-link';
import { listKinds, lists } from '../../../mcp-wire/lists';
import type { Transport, TransportEvents } from '../transports/transport';
import { envelopeMeta, withoutHopMeta } from './envelope-meta';
import { discover, InitializeRefusedError, initialize, type HandshakeResult } from './handshake';
import type { Listings } from '../lists/listings';
import { ModernListen } from './modern-listen';
import type { Peer } from './peer';
import type { HopOptions, HopParams } from './request';
import { RenewableLink } from './renewable-link';
import type { Subscriptions } from './subscriptions';
import type { Subscriber } from '../../client/subscriber';

/** The time limit for requests that no client waits for. */
const backgroundTimeoutMs = 10_000;

export type OpenTransport = (definition: ServerDefinition, events: TransportEvents) => Transport;

/** Events that do not belong to one call. */
export interface ConnectionEvents {
  closed(reason: string): void;
  /** The session had expired, and a new handshake has succeeded. */
  reinitialized?(handshake: HandshakeResult): void;
  /** A notification that belongs to no call. It is for every client of the server. */
  notification(method: string, params: Buffer | undefined): void;
  /** A server request that cannot be assigned to exactly one call. */
  request(request: ServerRequest): Promise<RpcResponse>;
  /** The server has sent a request to its client. */
  requestReceived(): void;
  log(line: string): void;
}

export interface ConnectionParts {
  name: string;
  definition(): ServerDefinition;
  open: OpenTransport;
  /** The client identity that the server receives. */
  identity: ClientIdentity;
  listings: Listings;
  subscriptions: Subscriptions;
  events: ConnectionEvents;
  /** Detects the era of the server. Called before the handshake, and again when the server refuses `initialize`. */
  era(signal: AbortSignal): Promise<Era>;
}

/**
 * One open connection to a server, in either protocol era.
 *
 * It does the handshake, reads the lists, keeps subscriptions and the log level, and relays requests. A notification or a
 * request of the server that belongs to a pending call goes to the client of that call, before its response. Everything
 * else goes to {@link ConnectionEvents}. When the session expires, {@link RenewableLink} opens another one, and lists,
 * subscriptions and log level are set up again. See
 * https://modelcontextprotocol.io/specification/2025-11-25/basic/lifecycle for the legacy era. In the modern era
 * (2026-07-28) there is no session: `server/discover` replaces `initialize`, every request carries the client in `_meta`,
 * and changes are announced on a `subscriptions/listen` stream.
 */
export class Connection {
  readonly #link: RenewableLink;
  readonly #closing = new AbortController();
  #handshake: HandshakeResult | undefined;
  #listen: ModernListen | undefined;
  /** Subscribe requests that the server has not answered yet. */
  readonly #subscribing = new Map<string, Promise<RpcResponse>>();
  readonly #log = (error: unknown): void => this.parts.events.log(sentence(`[gateway] ${messageOf(error)}`));

  constructor(readonly parts: ConnectionParts) {
    const { events } = parts;
    this.#link = new RenewableLink({
      name: parts.name,
      open: (transportEvents) => parts.open(parts.definition(), transportEvents),
      log: (line) => events.log(line),
      notification: (peer, method, params, requestId) =>
        this.#onNotification(peer, method, params, requestId),
      request: async (peer, request, requestId) => await this.#onRequest(peer, request, requestId),
      handshake: async (peer, signal) => await this.#negotiate(peer, signal),
      renewed: (handshake) => this.#onRenewed(handshake),
      closed: (reason) => events.closed(reason),
    });
  }

  get pid(): number | null {
    return this.#link.transport.pid;
  }

  get url(): string | null {
    return this.#link.transport.url;
  }

  get era(): Era {
    return this.#handshake?.era ?? 'legacy';
  }

  get handshake(): HandshakeResult | undefined {
    return this.#handshake;
  }

  /** Does the handshake and reads the lists. Throws when the server refuses or does not answer. */
  async start(signal: AbortSignal): Promise<HandshakeResult> {
    const handshake = await this.#link.start(signal);
    await this.#synchronize(handshake, signal);
    // A connection that ends during the start fails the start and fires no event.
    const { closed } = this.#link.peer;
    if (closed !== undefined) throw new Error(sentence(`The server ${closed}`));
    return handshake;
  }

  async #negotiate(peer: Peer, signal: AbortSignal): Promise<HandshakeResult> {
    await peer.transport.prepared;
    const { parts } = this;
    if ((await parts.era(signal)) === 'modern') return await discover(peer, parts.identity, signal);
    try {
      return await initialize(peer, parts.identity, signal);
    } catch (error) {
      // A slow server may have answered the probe after the time limit.
      if (!(error instanceof InitializeRefusedError) || (await parts.era(signal)) !== 'modern') throw error;
      return await discover(peer, parts.identity, signal);
    }
  }

  #onRenewed(handshake: HandshakeResult): void {
    this.parts.events.reinitialized?.(handshake);
    this.#synchronize(handshake, this.#closing.signal).catch(this.#log);
  }

  /** Reads the lists after a handshake, and sets up the log level and the subscriptions. */
  async #synchronize(handshake: HandshakeResult, signal: AbortSignal): Promise<void> {
    const { identity, listings, subscriptions } = this.parts;
    this.#handshake = handshake;
    this.#listen?.close();
    this.#listen = undefined;
    if (handshake.era === 'modern') {
      this.#listen = new ModernListen(this.#link.peer, identity, handshake.capabilities, (problem) =>
        this.parts.events.log(sentence(`[gateway] ${problem}`)),
      );
    }
    await Promise.all(
      listKinds.map(async (kind) =>
        listings.read(kind, this, handshake.capabilities, signal).catch(this.#log),
      ),
    );
    subscriptions.unsubscribe = (uri) => void this.#end(uri).catch(this.#log);
    this.#sendLevel();
    await this.#resubscribe();
  }

  async #resubscribe(): Promise<void> {
    const { uris } = this.parts.subscriptions;
    if (this.#listen) await this.#listen.open(uris).catch(this.#log);
    else for (const uri of uris) void this.#begin(uri).catch(this.#log);
  }

  request(method: string, params: HopParams, options: HopOptions): Promise<RpcResponse> {
    return this.#link.request((peer) => {
      const meta = this.#metaFor(options);
      return peer.request(method, (token) => params(token, meta), options);
    });
  }

  #metaFor({ client, logLevel, traceparent }: HopOptions): ReadonlyMap<string, string> {
    const isModern = this.era === 'modern';
    if (!isModern && traceparent === undefined) return noMeta;
    const { identity } = client ?? this.parts;
    const meta = isModern ? envelopeMeta(identity, logLevel) : new Map<string, string>();
    if (traceparent !== undefined) meta.set('traceparent', JSON.stringify(traceparent));
    return meta;
  }

  notify(method: string, params?: Buffer): void {
    this.#link.peer.notify(method, params);
  }

  /**
   * Subscribes to a resource. Only the first subscriber sends a request to the server, with its `params`. The others get
   * an empty result.
   */
  async subscribe(uri: string, subscriber: Subscriber, params?: HopParams): Promise<RpcResponse> {
    const { subscriptions } = this.parts;
    const first = subscriptions.add(uri, subscriber);
    const known = this.#subscribing.get(uri) ?? (first ? this.#begin(uri, params) : undefined);
    if (!known) return done;
    this.#subscribing.set(uri, known);
    try {
      const answer = await known;
      if (answer.kind === 'error') subscriptions.remove(uri, subscriber);
      return answer;
    } catch (error) {
      subscriptions.remove(uri, subscriber);
      throw error;
    } finally {
      this.#subscribing.delete(uri);
    }
  }

  /** Ends all subscriptions of a subscriber. */
  removeSubscriber(subscriber: Subscriber): void {
    this.parts.subscriptions.removeSubscriber(subscriber);
  }

  /** Sets the log level of the server, unless it already logs more. In the modern era each request has its own level. */
  wantLevel(level: string): void {
    if (this.parts.subscriptions.wantLevel(level)) this.#sendLevel();
  }

  /** Does not wait for the response: a server that does not answer must not block other work. */
  #sendLevel(): void {
    const level = this.parts.subscriptions.logLevel;
    if (level === undefined || this.era === 'modern') return;
    if (this.#handshake?.capabilities.has('logging') !== true) return;
    const params = Buffer.from(JSON.stringify({ level }));
    const options = { signal: this.#closing.signal, timeoutMs: backgroundTimeoutMs };
    this.request('logging/setLevel', () => params, options).catch(this.#log);
  }

  /** Closes the connection. Resolves when everything of it has ended. */
  async close(reason: string): Promise<void> {
    this.parts.subscriptions.unsubscribe = undefined;
    this.#closing.abort();
    this.#listen?.close();
    await this.#link.close(reason);
  }

  async #begin(uri: string, params?: HopParams): Promise<RpcResponse> {
    if (!this.#listen) return await this.#aboutUri('resources/subscribe', uri, params);
    await this.#listen.open(this.parts.subscriptions.uris);
    return done;
  }

  async #end(uri: string): Promise<void> {
    if (this.#listen) await this.#listen.open(this.parts.subscriptions.uris);
    else await this.#aboutUri('resources/unsubscribe', uri);
  }

  async #aboutUri(method: string, uri: string, params?: HopParams): Promise<RpcResponse> {
    const plain = Buffer.from(JSON.stringify({ uri }));
    return await this.request(method, params ?? (() => plain), {
      signal: this.#closing.signal,
      timeoutMs: this.parts.definition().timeoutSeconds * 1000,
      name: uri,
    });
  }

  #onNotification(
    peer: Peer,
    method: string,
    params: Buffer | undefined,
    requestId: number | undefined,
  ): void {
    const kinds = listKinds.filter((kind) => lists[kind].changed === method);
    const own = this.era === 'modern' && params ? withoutHopMeta(params) : params;
    if (kinds.length > 0) this.#readAgain(kinds);
    else if (method === 'notifications/subscriptions/acknowledged') this.#listen?.acknowledged(params);
    else if (method === 'notifications/resources/updated') this.#updated(own);
    else if (method !== 'notifications/cancelled') this.#pass(peer, method, own, requestId);
  }

  #readAgain(kinds: readonly (typeof listKinds)[number][]): void {
    const capabilities = this.#handshake?.capabilities;
    // During the handshake nothing is to do: the lists are read after it.
    if (!capabilities) return;
    for (const kind of kinds) this.parts.listings.announce(kind);
    for (const kind of kinds) {
      this.parts.listings.read(kind, this, capabilities, this.#closing.signal).catch(this.#log);
    }
  }

  #updated(params: Buffer | undefined): void {
    if (!params) return;
    const uri = stringValue(params, memberNamed(membersOf(params, 0), 'uri'));
    if (uri === undefined) return;
    const { name, subscriptions } = this.parts;
    for (const subscriber of subscriptions.subscribersOf(uri)) subscriber.updated(params, name, uri);
  }

  /** Relays a notification to the clients of the pending calls, or to every client when there is no pending call. */
  #pass(peer: Peer, method: string, params: Buffer | undefined, requestId: number | undefined): void {
    const callers = latestPerClient(peer.callers(requestId));
    if (callers.length === 0) this.parts.events.notification(method, params);
    for (const caller of callers) caller.notify(method, params);
  }

  async #onRequest(peer: Peer, request: ServerRequest, requestId: number | undefined): Promise<RpcResponse> {
    const { events } = this.parts;
    events.requestReceived();
    const [caller, ...others] = latestPerClient(peer.callers(requestId));
    return caller && others.length === 0 ? await caller.request(request) : await events.request(request);
  }
}

const noMeta: ReadonlyMap<string, string> = new Map();

const done: RpcResponse = { kind: 'result', body: Buffer.from('{}') };

/** The latest call of each client. */
function latestPerClient(callers: readonly CallLink[]): CallLink[] {
  return [...new Map(callers.map((caller) => [caller.client, caller])).values()];
}
