import type { CancelSignal } from '../../../platform/cancel-signal';
import { acceptsRequests, type Client, type ClientIdentity, type ClientSession } from '../../client/client';
import { codes, RpcError } from '../../../mcp-wire/rpc-error';
import type { Connection } from '../connection/connection';
import { ConnectionPool, maximumPooled } from './connection-pool';
import { DedicatedConnection, type CommonParts } from './dedicated-connection';
import type { Lease } from './handle';
import { Subscriptions } from '../connection/subscriptions';

/**
 * The dedicated connections to one server. They exist beside the connection that all clients share.
 *
 * A server may send requests to its client: sampling, elicitation, roots
 * (https://modelcontextprotocol.io/specification/2025-11-25/client/elicitation, …/client/sampling, …/client/roots). On a
 * shared connection it would be unclear which client must answer. So once a server sends such a request, or its definition
 * says `"isolation": "session"`, each client gets a dedicated connection, whose handshake declares the capabilities of
 * that client:
 * - a session has one connection, which ends with the session;
 * - clients that accept no requests share one connection (`#passive`), unless the definition isolates sessions;
 * - calls of stateless clients (2026-07-28) use a pool with one call at a time on each connection.
 */
export class DedicatedConnections {
  readonly #bySession = new Map<ClientSession, DedicatedConnection>();
  /** For clients that accept no requests from servers. They share one connection. */
  #passive: DedicatedConnection | undefined;
  readonly #pool: ConnectionPool;

  constructor(readonly common: CommonParts) {
    this.#pool = new ConnectionPool(common, (own) => this.#end(own));
  }

  /** The connection that provides a client's lists. `undefined` when there are too many connections. */
  of(client: Client): DedicatedConnection | undefined {
    const { session, identity } = client;
    if (!acceptsRequests(identity) && this.common.definition().isolation === 'shared')
      return this.#ofPassive(client);
    if (!session) return this.#pool.take(client);
    if (session.ended) throw new RpcError(codes.internal, 'The client has ended its session.');
    const known =
      this.#bySession.get(session) ?? this.#make(identity, true, () => this.#dropSession(session));
    this.#bySession.set(session, known);
    known.use(session);
    return known;
  }

  /** A connection for one call. The caller must release it. */
  async lease(client: Client, signal: CancelSignal): Promise<Lease> {
    const own = this.of(client) ?? tooMany(this.common.name);
    if (!client.session && own.busy >= 1 && own !== this.#passive) tooMany(this.common.name);
    own.busy += 1;
    try {
      const connection = await unlessAborted(own.get(), signal);
      return { connection, release: () => own.release() };
    } catch (error) {
      own.release();
      throw error;
    }
  }

  /** Whether a session or a call uses one of the connections. */
  get used(): boolean {
    return this.#all.some(({ sessions, busy }) => sessions.size > 0 || busy > 0);
  }

  /** `ready` when one of them is open. */
  get state(): DedicatedConnection['state'] {
    const states = this.#all.map(({ state }) => state);
    return states.includes('ready') ? 'ready' : states.includes('starting') ? 'starting' : 'idle';
  }

  /** The process id of an open connection. */
  get pid(): number | null {
    return this.#all.find(({ pid }) => pid !== null)?.pid ?? null;
  }

  /** The dedicated connection of a session, if it is open. */
  ofSession(session: ClientSession): Connection | undefined {
    return this.#bySession.get(session)?.connection;
  }

  async close(reason: string): Promise<void> {
    await Promise.all(this.#all.map(async (own) => own.close(reason)));
  }

  get #all(): DedicatedConnection[] {
    return [...this.#bySession.values(), ...(this.#passive ? [this.#passive] : []), ...this.#pool.all];
  }

  #ofPassive({ identity, session }: Client): DedicatedConnection {
    const passive = (this.#passive ??= this.#make(identity, false, () => {
      this.#end(this.#passive);
      this.#passive = undefined;
    }));
    if (session) passive.use(session);
    return passive;
  }

  #make(identity: ClientIdentity, exclusive: boolean, onUnused: () => void): DedicatedConnection {
    return new DedicatedConnection(this.common, identity, new Subscriptions(), exclusive, onUnused);
  }

  #dropSession(session: ClientSession): void {
    this.#end(this.#bySession.get(session));
    this.#bySession.delete(session);
  }

  #end(own: DedicatedConnection | undefined): void {
    void own?.drop('is not needed any more');
  }
}

function tooMany(server: string): never {
  throw new RpcError(
    codes.internal,
    `The server "${server}" already has ${maximumPooled} calls of clients that accept requests, which is the limit. Try again later.`,
  );
}

/** The result of the promise. Rejects when the client cancels first. */
async function unlessAborted<T>(promise: Promise<T>, signal: CancelSignal): Promise<T> {
  return await new Promise<T>((resolve, reject) => {
    const aborted = (): void => reject(new RpcError(codes.internal, 'The client cancelled the request.'));
    if (signal.aborted) aborted();
    signal.addEventListener('abort', aborted, { once: true });
    promise.then(resolve, reject).finally(() => signal.removeEventListener('abort', aborted));
  });
}
