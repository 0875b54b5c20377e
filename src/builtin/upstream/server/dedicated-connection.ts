import type { Disposable } from '../../../platform/disposable';
import { messageOf } from '../../../platform/errors';
import { sentence } from '../../../platform/sentence';
import type { ClientIdentity, ClientSession } from '../../client/client';
import { codes, RpcError } from '../../../mcp-wire/rpc-error';
import type { ServerRequest } from '../../client/call-link';
import { lists, type ListKind } from '../../../mcp-wire/lists';
import { Connection, type ConnectionEvents, type ConnectionParts } from '../connection/connection';
import type { HandshakeResult } from '../connection/handshake';
import type { FirstLists } from './first-lists';
import { Listings } from '../lists/listings';
import type { RpcResponse } from '../../../mcp-wire/rpc-response';
import type { Subscriptions } from '../connection/subscriptions';

/** How long a connection without a session is kept without a call. */
const idleMs = 5 * 60_000;
const longestBackOffMs = 30_000;

/** What all connections to the same server have in common. */
export type CommonParts = Pick<ConnectionParts, 'name' | 'definition' | 'open' | 'era'> & {
  log(line: string): void;
  /** A list has changed on a connection that does not belong to one session. */
  changed(kind: ListKind): void;
  /** A connection is being opened, is open, or is not open any more. */
  stateChanged(): void;
  /** A connection could not be opened. */
  startFailed(): void;
  readonly firstLists: FirstLists;
};

/** A connection to a server that only certain clients use. It is opened, and reopened, when it is needed. */
export class DedicatedConnection {
  readonly listings = new Listings();
  /** The sessions that use it. */
  readonly sessions = new Map<ClientSession, Disposable>();
  /** When it was first needed, in milliseconds since 1970. */
  readonly since = Date.now();
  busy = 0;
  sharedListsShown = false;
  #connection: Connection | undefined;
  #handshake: HandshakeResult | undefined;
  #tried = false;
  #starting: Promise<Connection> | undefined;
  #aborter = new AbortController();
  #idle: NodeJS.Timeout | undefined;
  #backOff: NodeJS.Timeout | undefined;
  #failures = 0;
  #dropped = false;
  readonly #due = new Set<string>();

  constructor(
    readonly common: CommonParts,
    readonly identity: ClientIdentity,
    readonly subscriptions: Subscriptions,
    /** Whether it belongs to one session, so that only this session is notified of changes of its lists. */
    readonly exclusive: boolean,
    /** Called when it is not needed any more. */
    readonly onUnused: () => void,
  ) {
    const first = common.firstLists.of(identity);
    if (first) {
      this.#handshake = first.handshake;
      this.listings.restore(first.lists);
    }
    this.listings.onChanged((kind) => this.#listChanged(kind));
  }

  get connection(): Connection | undefined {
    return this.#connection;
  }

  /** `idle` until a client needs it. */
  get state(): 'idle' | 'starting' | 'ready' {
    if (this.#connection) return 'ready';
    return this.#starting ? 'starting' : 'idle';
  }

  get pid(): number | null {
    return this.#connection?.pid ?? null;
  }

  /** The handshake result of the last time that it was opened, or of an earlier client with the same capabilities. */
  get handshake(): HandshakeResult | undefined {
    return this.#handshake;
  }

  /** Whether opening it has succeeded or failed. */
  get tried(): boolean {
    return this.#tried;
  }

  /** The open connection. Opens it first when necessary. Rejects when that fails. */
  async get(): Promise<Connection> {
    if (this.#dropped) throw new RpcError(codes.internal, 'The client has ended its session.');
    clearTimeout(this.#idle);
    clearTimeout(this.#backOff);
    if (this.#connection) return this.#connection;
    return await (this.#starting ?? this.#begin());
  }

  use(session: ClientSession): void {
    if (this.sessions.has(session)) return;
    const ended = session.onEnded(() => {
      this.sessions.delete(session);
      this.subscriptions.removeSubscriber(session);
      // An exclusive connection ends with its session. A shared one ends when it was not used for a while.
      if (this.exclusive) this.onUnused();
      else this.#closeWhenIdle();
    });
    this.sessions.set(session, ended);
    if (session.logLevel !== undefined) this.wantLevel(session.logLevel);
  }

  wantLevel(level: string): void {
    if (this.#connection) this.#connection.wantLevel(level);
    else this.subscriptions.wantLevel(level);
  }

  release(): void {
    this.busy -= 1;
    this.#closeWhenIdle();
  }

  /** Closes it. It is reopened when it is needed. Never rejects: a failure is logged. */
  async close(reason: string): Promise<void> {
    clearTimeout(this.#idle);
    clearTimeout(this.#backOff);
    this.#aborter.abort();
    const connection = this.#connection;
    this.#connection = undefined;
    if (connection) this.common.stateChanged();
    await Promise.all([connection?.close(reason), this.#starting?.catch(() => undefined)]).catch(
      (error: unknown) =>
        this.common.log(sentence(`[gateway] The connection may still be open: ${messageOf(error)}`)),
    );
  }

  /** Closes it permanently. */
  async drop(reason: string): Promise<void> {
    this.#dropped = true;
    await this.close(reason);
  }

  get #needed(): boolean {
    return this.busy > 0 || this.sessions.size > 0 || this.subscriptions.uris.length > 0;
  }

  #closeWhenIdle(): void {
    clearTimeout(this.#idle);
    if (!this.#needed) this.#idle = setTimeout(() => this.onUnused(), idleMs).unref();
  }

  #begin(): Promise<Connection> {
    this.#starting = this.#start().finally(() => {
      this.#starting = undefined;
      this.common.stateChanged();
    });
    this.common.stateChanged();
    return this.#starting;
  }

  async #start(): Promise<Connection> {
    const aborter = new AbortController();
    this.#aborter = aborter;
    const connection: Connection = new Connection({
      ...this.common,
      identity: this.identity,
      listings: this.listings,
      subscriptions: this.subscriptions,
      events: this.#events(() => connection),
    });
    try {
      this.#handshake = await connection.start(aborter.signal);
      if (aborter.signal.aborted) throw new Error('The connection was closed.');
      this.common.firstLists.keep(this.identity, this.#handshake, this.listings.items);
    } catch (error) {
      if (!aborter.signal.aborted) this.common.startFailed();
      await connection.close('did not start');
      const problem = sentence(`The server "${this.common.name}" is not available: ${messageOf(error)}`);
      throw new RpcError(codes.internal, problem, { cause: error });
    } finally {
      this.#tried = true;
    }
    this.#connection = connection;
    this.#failures = 0;
    this.#closeWhenIdle();
    return connection;
  }

  /** A subscriber makes no calls, so with subscriptions the connection is reopened without a call. */
  #reopen(): void {
    if (this.#dropped || this.subscriptions.uris.length === 0) return;
    const delayMs = Math.min(1000 * 2 ** this.#failures, longestBackOffMs);
    this.#failures += 1;
    this.#backOff = setTimeout(() => {
      this.get().catch((error: unknown) => {
        this.common.log(sentence(`[gateway] ${messageOf(error)}`));
        this.#reopen();
      });
    }, delayMs).unref();
  }

  #events(connection: () => Connection): ConnectionEvents {
    return {
      closed: (reason) => {
        if (this.#connection !== connection()) return;
        this.common.log(
          sentence(`[gateway] The dedicated connection of a client has ended: the server ${reason}`),
        );
        this.#connection = undefined;
        this.common.stateChanged();
        this.#reopen();
      },
      reinitialized: (handshake) => (this.#handshake = handshake),
      notification: (method, params) => {
        for (const session of this.sessions.keys()) session.notify(method, params);
      },
      request: async (request) => await this.#request(request),
      requestReceived: () => undefined,
      log: (line) => this.common.log(line),
    };
  }

  /** The first read of a list is not a change, unless the clients have seen the list of the shared connection before. */
  #listChanged(kind: ListKind): void {
    if (!this.#handshake && !this.sharedListsShown) return;
    if (!this.exclusive) {
      this.common.changed(kind);
      return;
    }
    // Resources and resource templates share a notification.
    const { changed } = lists[kind];
    if (this.#due.has(changed)) return;
    this.#due.add(changed);
    queueMicrotask(() => {
      this.#due.delete(changed);
      for (const session of this.sessions.keys()) session.notify(changed, undefined);
    });
  }

  /** Only a connection with exactly one session knows which client receives the request. */
  async #request(request: ServerRequest): Promise<RpcResponse> {
    const [session, ...others] = this.sessions.keys();
    if (session && others.length === 0) return await session.request(request);
    throw new RpcError(codes.internal, 'There is no client that can answer this request.');
  }
}
