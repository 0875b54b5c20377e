import type { Disposable } from '../../platform/disposable';
import { messageOf } from '../../platform/errors';
import { canBeAsked, type Client, type ClientFace, type ClientSession } from '../client/client';
import { notificationBytes } from '../wire/envelope';
import { codes, RpcError } from '../wire/rpc-error';
import type { ServerRequest } from './call-link';
import { lists, type ListKind } from './catalogue';
import { Connection, type ConnectionEvents, type ConnectionParts } from './connection';
import type { Introduction } from './handshake';
import { Listings } from './listings';
import type { Answer } from './peer';
import { Subscriptions } from './subscriptions';

/** How long a connection that no session holds is kept without a call. */
const idleMs = 5 * 60_000;
/** How many calls of stateless clients that can be asked may run at once on one server: each has a process of its own. */
const maximumPooled = 16;

/** What an own connection shares with all connections to the same server. */
export type CommonParts = Pick<ConnectionParts, 'name' | 'definition' | 'open' | 'era'> & {
  log(line: string): void;
  /** A list differs on a connection that is not the one of one session. */
  changed(kind: ListKind): void;
};

/** One connection to a server that only certain clients use; it is opened, and opened again, when it is needed. */
export class OwnConnection {
  readonly listings = new Listings();
  /** The sessions that use it. */
  readonly sessions = new Map<ClientSession, Disposable>();
  /** When it was first wanted, in milliseconds since 1970. */
  readonly since = Date.now();
  busy = 0;
  shownOther = false;
  #connection: Connection | undefined;
  #introduction: Introduction | undefined;
  #tried = false;
  #starting: Promise<Connection> | undefined;
  #aborter = new AbortController();
  #idle: NodeJS.Timeout | undefined;
  readonly #due = new Set<string>();

  constructor(
    readonly common: CommonParts,
    readonly face: ClientFace,
    readonly subscriptions: Subscriptions,
    /** Whether it is the one of one session, so that nobody else is told of its lists. */
    readonly exclusive: boolean,
    /** Called when it is of no further use. */
    readonly onUnused: () => void,
  ) {
    this.listings.onChanged((kind) => this.#listChanged(kind));
  }

  get connection(): Connection | undefined {
    return this.#connection;
  }

  /** What the server said when it was last opened. */
  get introduction(): Introduction | undefined {
    return this.#introduction;
  }

  /** Whether it was opened, or could not be. */
  get tried(): boolean {
    return this.#tried;
  }

  /** The open connection; opens it first where there is none. Rejects when that fails. */
  async get(): Promise<Connection> {
    clearTimeout(this.#idle);
    if (this.#connection) return this.#connection;
    this.#starting ??= this.#start().finally(() => (this.#starting = undefined));
    return await this.#starting;
  }

  use(session: ClientSession): void {
    if (this.sessions.has(session)) return;
    const ended = session.onEnded(() => {
      this.sessions.delete(session);
      this.#connection?.forget(session);
      if (this.sessions.size === 0) this.onUnused();
    });
    this.sessions.set(session, ended);
    if (session.logLevel !== undefined) this.subscriptions.logLevel ??= session.logLevel;
  }

  async wantLevel(level: string): Promise<void> {
    if (this.#connection) await this.#connection.wantLevel(level);
    else this.subscriptions.logLevel ??= level;
  }

  release(): void {
    this.busy -= 1;
    if (this.busy > 0 || this.sessions.size > 0 || this.subscriptions.uris.length > 0) return;
    this.#idle = setTimeout(() => this.onUnused(), idleMs).unref();
  }

  async close(reason: string): Promise<void> {
    clearTimeout(this.#idle);
    this.#aborter.abort();
    const connection = this.#connection;
    this.#connection = undefined;
    await connection?.close(reason);
  }

  async #start(): Promise<Connection> {
    const aborter = new AbortController();
    this.#aborter = aborter;
    const connection: Connection = new Connection({
      ...this.common,
      face: this.face,
      listings: this.listings,
      subscriptions: this.subscriptions,
      events: this.#events(() => connection),
    });
    try {
      this.#introduction = await connection.start(aborter.signal);
      if (aborter.signal.aborted) throw new Error('was stopped');
    } catch (error) {
      await connection.close('did not start');
      const problem = `server "${this.common.name}" is not available: ${messageOf(error)}`;
      throw new RpcError(codes.internal, problem, { cause: error });
    } finally {
      this.#tried = true;
    }
    this.#connection = connection;
    return connection;
  }

  #events(connection: () => Connection): ConnectionEvents {
    return {
      closed: (reason) => {
        if (this.#connection !== connection()) return;
        this.common.log(`[gateway] a connection of its own for a client ended: it ${reason}`);
        this.#connection = undefined;
      },
      notification: (method, params) => this.#tell(notificationBytes(method, params)),
      question: async (request) => await this.#ask(request),
      asked: () => undefined,
      log: (line) => this.common.log(line),
    };
  }

  /** What is read for the first time is no change, unless its clients were shown the lists of the shared connection before. */
  #listChanged(kind: ListKind): void {
    if (!this.#introduction && !this.shownOther) return;
    if (!this.exclusive) {
      this.common.changed(kind);
      return;
    }
    // Two lists share a notification.
    const { changed } = lists[kind];
    if (this.#due.has(changed)) return;
    this.#due.add(changed);
    queueMicrotask(() => {
      this.#due.delete(changed);
      this.#tell(notificationBytes(changed));
    });
  }

  #tell(message: Buffer): void {
    for (const session of this.sessions.keys()) session.send(message);
  }

  /** Only a connection of one session knows whom to ask. */
  async #ask(request: ServerRequest): Promise<Answer> {
    const [session, ...others] = this.sessions.keys();
    if (session && others.length === 0) return await session.ask(request);
    throw new RpcError(codes.internal, 'no client is there that could be asked');
  }
}

/** The connections to one server that are not shared by everybody. */
export class OwnConnections {
  readonly #bySession = new Map<ClientSession, OwnConnection>();
  /** For clients that cannot be asked anything: they may share one. */
  #bare: OwnConnection | undefined;
  readonly #pools = new Map<string, { members: OwnConnection[]; subscriptions: Subscriptions }>();

  constructor(readonly common: CommonParts) {}

  /** The connection that a client's lists come from, and its calls go to unless it is one of several. */
  of(client: Client): OwnConnection {
    const { session, face } = client;
    if (!canBeAsked(face) && this.common.definition().isolation === 'shared') return this.#ofBare(client);
    if (!session) return this.#pooled(face);
    const known = this.#bySession.get(session) ?? this.#make(face, true, () => this.#dropSession(session));
    this.#bySession.set(session, known);
    known.use(session);
    return known;
  }

  /** A connection for one call. Release it when the call is over. */
  async lease(client: Client): Promise<{ connection: Connection; release(): void }> {
    const own = this.of(client);
    if (!client.session && own.busy >= 1 && own !== this.#bare) {
      throw new RpcError(
        codes.internal,
        `server "${this.common.name}" has ${maximumPooled} calls under way that may ask their client for something`,
      );
    }
    own.busy += 1;
    try {
      const connection = await own.get();
      return { connection, release: () => own.release() };
    } catch (error) {
      own.release();
      throw error;
    }
  }

  /** Whether a session holds one of them, or a call is under way on one. */
  get used(): boolean {
    return this.#all.some(({ sessions, busy }) => sessions.size > 0 || busy > 0);
  }

  /** The connection of a session's own, where it has one. */
  ofSession(session: ClientSession): Connection | undefined {
    return this.#bySession.get(session)?.connection;
  }

  async close(reason: string): Promise<void> {
    await Promise.all(this.#all.map(async (own) => own.close(reason)));
  }

  get #all(): OwnConnection[] {
    const bare = this.#bare ? [this.#bare] : [];
    return [
      ...this.#bySession.values(),
      ...bare,
      ...[...this.#pools.values()].flatMap(({ members }) => members),
    ];
  }

  #ofBare({ face, session }: Client): OwnConnection {
    const bare = (this.#bare ??= this.#make(face, false, () => {
      this.#end(this.#bare);
      this.#bare = undefined;
    }));
    if (session) bare.use(session);
    return bare;
  }

  /** One that is free; a new one while there may be more; else any. */
  #pooled(face: ClientFace): OwnConnection {
    const key = face.capabilities.toString();
    const pool = this.#pools.get(key) ?? { members: [], subscriptions: new Subscriptions() };
    this.#pools.set(key, pool);
    const { members, subscriptions } = pool;
    const free = members.find(({ busy }) => busy === 0);
    if (free) return free;
    const [first] = members;
    if (first && members.length >= maximumPooled) return first;
    const made: OwnConnection = new OwnConnection(this.common, face, subscriptions, false, () => {
      members.splice(members.indexOf(made), 1);
      this.#end(made);
    });
    members.push(made);
    return made;
  }

  #make(face: ClientFace, exclusive: boolean, onUnused: () => void): OwnConnection {
    return new OwnConnection(this.common, face, new Subscriptions(), exclusive, onUnused);
  }

  #dropSession(session: ClientSession): void {
    this.#end(this.#bySession.get(session));
    this.#bySession.delete(session);
  }

  #end(own: OwnConnection | undefined): void {
    own?.close('is not needed any more').catch((error: unknown) => {
      this.common.log(`[gateway] it may not have ended: ${messageOf(error)}`);
    });
  }
}
