import type { Client, ClientCall, ClientIdentity } from '../../client/client';
import { DedicatedConnection, type CommonParts } from './dedicated-connection';
import { Subscriptions } from '../connection/subscriptions';

/** How many calls of stateless clients that can be asked may run at once on one server: each has a process of its own. */
export const maximumPooled = 16;

interface Member {
  own: DedicatedConnection;
  /** Whose clients it is for, and the capabilities that the server was told. */
  identity: string;
  /** Whom it was given to last. */
  call: ClientCall | undefined;
}

/** Connections for the calls of stateless clients that can be asked: one call at a time on each, so that it is certain whom to ask. */
export class ConnectionPool {
  readonly #members: Member[] = [];
  /** What clients of the same capabilities want to hear of. */
  readonly #subscriptions = new Map<string, Subscriptions>();

  constructor(
    readonly common: CommonParts,
    /** Ends a connection that is of no further use. */
    readonly end: (own: DedicatedConnection) => void,
  ) {}

  get all(): DedicatedConnection[] {
    return this.#members.map(({ own }) => own);
  }

  /**
   * One that is free; a new one while there may be more, in place of a free one for other capabilities, or of one whose
   * call nobody waits for; else a busy one. To look at the lists of a server no call is ended, unless there is no other way.
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

  /** Ends the call that has waited longest for a client that is away, with its connection. */
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
