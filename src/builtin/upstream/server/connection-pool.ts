import type { Client, ClientCall, ClientIdentity } from '../../client/client';
import { DedicatedConnection, type CommonParts } from './dedicated-connection';
import { Subscriptions } from '../connection/subscriptions';

/** How many calls of stateless clients that accept requests may run at once on one server. Each needs its own process. */
export const maximumPooled = 16;

interface Member {
  own: DedicatedConnection;
  /** The token of its clients, and the capabilities that the server received in the handshake. */
  identity: string;
  /** The call that used it last. */
  call: ClientCall | undefined;
}

/**
 * Connections for calls of stateless clients that accept requests. Each connection has one call at a time, so that it is
 * certain which client receives a request of the server.
 */
export class ConnectionPool {
  readonly #members: Member[] = [];
  /** The subscriptions of clients with the same capabilities. */
  readonly #subscriptions = new Map<string, Subscriptions>();

  constructor(
    readonly common: CommonParts,
    /** Ends a connection that is not needed any more. */
    readonly end: (own: DedicatedConnection) => void,
  ) {}

  get all(): DedicatedConnection[] {
    return this.#members.map(({ own }) => own);
  }

  /**
   * Returns a free connection for the same token and capabilities. Otherwise it opens a new one: while the limit is not
   * reached, in place of a free one for other clients, or in place of one whose call waits for input. Otherwise it returns a
   * busy one. Reading lists ends no call, unless there is no other way.
   */
  take({ identity, owner, call }: Client): DedicatedConnection | undefined {
    const key = `${owner}\n${identity.capabilities.toString()}`;
    const same = this.#members.filter((member) => member.identity === key);
    const member = same.find(({ own }) => own.busy === 0) ?? this.#another(key, identity, call, same[0]);
    if (member?.own.busy === 0) member.call = call;
    return member?.own;
  }

  #another(
    key: string,
    identity: ClientIdentity,
    call: ClientCall | undefined,
    busy?: Member,
  ): Member | undefined {
    if (this.#members.length < maximumPooled || this.#makeRoom()) return this.#add(key, identity);
    if (busy && !call) return busy;
    return this.#evictWaiting() ? this.#add(key, identity) : busy;
  }

  #add(key: string, identity: ClientIdentity): Member {
    const subscriptions = this.#subscriptions.get(key) ?? new Subscriptions();
    this.#subscriptions.set(key, subscriptions);
    const own: DedicatedConnection = new DedicatedConnection(
      this.common,
      identity,
      subscriptions,
      false,
      () => this.#remove(own),
    );
    const member: Member = { own, identity: key, call: undefined };
    this.#members.push(member);
    return member;
  }

  #makeRoom(): boolean {
    const idle = this.#members.find(({ own }) => own.busy === 0);
    if (idle) this.#remove(idle.own);
    return idle !== undefined;
  }

  /** Ends the call that has waited longest for input of its client, with its connection. */
  #evictWaiting(): boolean {
    const away = this.#members.flatMap(({ own, call }) =>
      call?.waitingForInputSince === undefined ? [] : [{ own, call, since: call.waitingForInputSince }],
    );
    const [oldest] = away.sort((a, b) => a.since - b.since);
    if (!oldest) return false;
    oldest.call.evict();
    this.#remove(oldest.own);
    return true;
  }

  #remove(own: DedicatedConnection): void {
    const at = this.#members.findIndex((member) => member.own === own);
    if (at < 0) return;
    const [gone] = this.#members.splice(at, 1);
    if (gone && !this.#members.some(({ identity }) => identity === gone.identity))
      this.#subscriptions.delete(gone.identity);
    this.end(own);
  }
}
