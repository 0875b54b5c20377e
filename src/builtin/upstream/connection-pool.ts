import type { Client, ClientFace } from '../client/client';
import { OwnConnection, type CommonParts } from './own-connection';
import { Subscriptions } from './subscriptions';

/** How many calls of stateless clients that can be asked may run at once on one server: each has a process of its own. */
export const maximumPooled = 16;

interface Member {
  own: OwnConnection;
  /** Whose clients it is for, and the capabilities that the server was told. */
  face: string;
}

/** Connections for the calls of stateless clients that can be asked: one call at a time on each, so that it is certain whom to ask. */
export class ConnectionPool {
  readonly #members: Member[] = [];
  /** What clients of the same capabilities want to hear of. */
  readonly #subscriptions = new Map<string, Subscriptions>();

  constructor(
    readonly common: CommonParts,
    /** Ends a connection that is of no further use. */
    readonly end: (own: OwnConnection) => void,
  ) {}

  get all(): OwnConnection[] {
    return this.#members.map(({ own }) => own);
  }

  /** One that is free; a new one while there may be more, in place of a free one for other capabilities; else a busy one. */
  take({ face, owner }: Client): OwnConnection | undefined {
    const key = `${owner}\n${face.capabilities.toString()}`;
    const same = this.#members.filter((member) => member.face === key);
    const free = same.find(({ own }) => own.busy === 0);
    if (free) return free.own;
    if (this.#members.length >= maximumPooled && !this.#makeRoom()) return same[0]?.own;
    return this.#add(key, face);
  }

  #add(key: string, face: ClientFace): OwnConnection {
    const subscriptions = this.#subscriptions.get(key) ?? new Subscriptions();
    this.#subscriptions.set(key, subscriptions);
    const own: OwnConnection = new OwnConnection(this.common, face, subscriptions, false, () =>
      this.#remove(own),
    );
    this.#members.push({ own, face: key });
    return own;
  }

  #makeRoom(): boolean {
    const idle = this.#members.find(({ own }) => own.busy === 0);
    if (idle) this.#remove(idle.own);
    return idle !== undefined;
  }

  #remove(own: OwnConnection): void {
    const at = this.#members.findIndex((member) => member.own === own);
    if (at < 0) return;
    const [gone] = this.#members.splice(at, 1);
    if (gone && !this.#members.some(({ face }) => face === gone.face)) this.#subscriptions.delete(gone.face);
    this.end(own);
  }
}
