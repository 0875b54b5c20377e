import { randomUUID } from 'node:crypto';
import { BriefMap } from '../../platform/brief-map';
import type { Canceller } from '../../platform/cancel-signal';
import { Emitter, type Disposable } from '../../platform/disposable';
import type { Caller } from './caller';
import { allowsResource, seesServer, type Profile } from '../tokens/profile';
import type { ServerRequest } from './call-link';
import type { RpcResponse } from '../../mcp-wire/rpc-response';
import type { Subscriber } from './subscriber';
import { notificationBytes, type RawId } from '../../mcp-wire/envelope';
import { codes, RpcError } from '../../mcp-wire/rpc-error';
import { nameOf, supportsRequest, type Client, type ClientIdentity, type ClientSession } from './client';
import type { EventBudget } from './event-budget';
import { EventLog, type LoggedStream } from './event-log';
import { passes } from './log-level';
import { ServerRequests } from './server-requests';

/** A session of the legacy protocol era (2024-11-05 to 2025-11-25). */
export class LegacySession implements Client, ClientSession, Subscriber {
  readonly era = 'legacy';
  readonly session = this;
  readonly id = randomUUID();
  lastUsed = Date.now();
  /** The pending requests, so that a cancellation reaches exactly the request that it names. */
  readonly running = new BriefMap<RawId, Canceller>();
  readonly serverRequests = new ServerRequests();
  readonly events: EventLog;
  /** The event stream for messages that belong to no request. */
  readonly stream: LoggedStream;
  /** The log level that the client has set. */
  logLevel: string | undefined;
  /** Identifies the session in the record of each call. */
  readonly caller: Caller;
  readonly #ended = new Emitter<void>();
  #hasEnded = false;
  #transportSend: ((message: Buffer) => void) | undefined;

  constructor(
    readonly scope: string,
    /** The permissions of its token, as of its last request. */
    public profile: Profile,
    readonly protocolVersion: string,
    readonly identity: ClientIdentity,
    budget: EventBudget,
  ) {
    this.events = new EventLog(budget);
    this.stream = this.events.open();
    this.caller = { era: 'legacy', session: this.id, client: nameOf(identity), traceparent: undefined };
  }

  get owner(): string {
    return this.profile.name;
  }

  get ended(): boolean {
    return this.#hasEnded;
  }

  /** Whether it is in use now. */
  get active(): boolean {
    return this.#transportSend !== undefined || this.stream.attached || this.running.size > 0;
  }

  /** Sends everything through this function from now on, for a client on a transport with one channel. */
  useTransport(send: (message: Buffer) => void): void {
    this.#transportSend = send;
  }

  send(message: Buffer): void {
    if (this.#transportSend) this.#transportSend(message);
    else this.stream.send(message);
  }

  /** Sends a message if the client listens. Returns whether it does. */
  sendIfListening(message: Buffer): boolean {
    if (!this.#transportSend && !this.stream.attached) return false;
    this.send(message);
    return true;
  }

  /** Relays a notification of a server, if it passes the log level of the client. */
  notify(method: string, params: Buffer | undefined): void {
    if (passes(this.logLevel, method, params)) this.send(notificationBytes(method, params));
  }

  /** An update can name a resource below the subscribed one, which the token may not see. */
  updated(params: Buffer, server: string, uri: string): void {
    if (allowsResource(this.profile, server, uri))
      this.send(notificationBytes('notifications/resources/updated', params));
  }

  async request(request: ServerRequest): Promise<RpcResponse> {
    return await this.requestVia(request, (message) => {
      this.send(message);
      return true;
    });
  }

  /** Sends a server request to the client through the stream of a pending call. */
  async requestVia(request: ServerRequest, send: (message: Buffer) => boolean): Promise<RpcResponse> {
    if (!supportsRequest(this.identity, request.method))
      throw new RpcError(codes.methodNotFound, `The client does not support "${request.method}".`);
    return await this.serverRequests.send(request, send);
  }

  onEnded(listener: () => void): Disposable {
    return this.#ended.event(listener);
  }

  close(): void {
    this.#hasEnded = true;
    for (const aborter of this.running.values()) aborter.abort();
    this.serverRequests.close();
    this.#ended.fire();
    this.events.close();
  }
}

/** The endpoint of a session, and the profile of the token that opened it. */
export interface SessionScope {
  readonly key: string;
  readonly profile: Profile;
}

/** Most clients never end their session. An unused session without an open stream is closed after this time. */
const idleMs = 30 * 60_000;
const maximumSessions = 1000;

/** The sessions of all clients. */
export class Sessions {
  readonly #sessions = new Map<string, LegacySession>();
  readonly #timer = setInterval(() => this.#expire(), 60_000).unref();

  /** `budget`: for the events that all sessions keep. */
  constructor(readonly budget: EventBudget) {}

  get count(): number {
    return this.#sessions.size;
  }

  create(scope: SessionScope, protocolVersion: string, identity: ClientIdentity): LegacySession {
    if (this.#sessions.size >= maximumSessions && !this.#dropOldest(scope.profile.name))
      throw new RpcError(codes.internal, `All ${maximumSessions} sessions are in use. Try again later.`, {
        status: 503,
      });
    const session = new LegacySession(scope.key, scope.profile, protocolVersion, identity, this.budget);
    this.#sessions.set(session.id, session);
    return session;
  }

  /** The session with this id, if it was opened at this endpoint with this token. */
  find(id: string, scope: SessionScope): LegacySession | undefined {
    const session = this.#sessions.get(id);
    if (session?.scope !== scope.key || session.profile.name !== scope.profile.name) return undefined;
    session.profile = scope.profile;
    session.lastUsed = Date.now();
    return session;
  }

  end(session: LegacySession): void {
    if (this.#sessions.delete(session.id)) session.close();
  }

  /** Ends all sessions of a token. */
  endOf(profile: string): void {
    for (const session of [...this.#sessions.values()])
      if (session.profile.name === profile) this.end(session);
  }

  /** The sessions that can see a server. */
  seeing(server: string): LegacySession[] {
    return [...this.#sessions.values()].filter(
      ({ scope, profile }) => (scope === '*' || scope === server) && seesServer(profile, server),
    );
  }

  dispose(): void {
    clearInterval(this.#timer);
    for (const session of [...this.#sessions.values()]) this.end(session);
  }

  #expire(): void {
    const limit = Date.now() - idleMs;
    for (const session of [...this.#sessions.values()])
      if (session.lastUsed < limit && !session.active) this.end(session);
  }

  /** Closes an unused session, preferably of the same token. Returns whether there was one. */
  #dropOldest(profile: string): boolean {
    const idle = [...this.#sessions.values()].filter(({ active }) => !active);
    const own = idle.filter((session) => session.profile.name === profile);
    const [oldest] = (own.length > 0 ? own : idle).sort((a, b) => a.lastUsed - b.lastUsed);
    if (oldest) this.end(oldest);
    return oldest !== undefined;
  }
}
