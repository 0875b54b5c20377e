import { randomUUID } from 'node:crypto';
import type { Scope } from './fleet';
import { seesServer, type Profile } from './profile';
import type { RawId } from './wire/envelope';

/** A client's open event stream. */
export interface MessageStream {
  send(message: Buffer): void;
  close(): void;
}

/** A session of the legacy protocol era (2024-11-05 to 2025-11-25). */
export class Session {
  readonly id = randomUUID();
  lastUsed = Date.now();
  /** Requests under way, so that a cancel reaches exactly the one it names. */
  readonly running = new Map<RawId, AbortController>();
  readonly subscribed = new Set<string>();
  #stream: MessageStream | undefined;

  constructor(
    readonly scope: string,
    /** What its token may see; as of its last request. */
    public profile: Profile,
    readonly protocolVersion: string,
    /** The name that the client gave itself. */
    readonly client: string | undefined,
  ) {}

  get streaming(): boolean {
    return this.#stream !== undefined;
  }

  /** Takes over the stream for messages that belong to no request; an older one is closed. */
  attach(stream: MessageStream): void {
    this.#stream?.close();
    this.#stream = stream;
  }

  detach(stream: MessageStream): void {
    if (this.#stream === stream) this.#stream = undefined;
  }

  /** Sends a message that belongs to no request; dropped when the client listens to none. */
  send(message: Buffer): void {
    this.#stream?.send(message);
  }

  close(): void {
    for (const aborter of this.running.values()) aborter.abort();
    this.#stream?.close();
    this.#stream = undefined;
  }
}

/** Most clients never end their session: an unused one without an open stream is dropped after this time. */
const idleMs = 30 * 60_000;
const maximumSessions = 1000;

/** The sessions of all clients. */
export class Sessions {
  readonly #sessions = new Map<string, Session>();
  readonly #timer = setInterval(() => this.#expire(), 60_000).unref();

  get count(): number {
    return this.#sessions.size;
  }

  create(scope: Scope, protocolVersion: string, client: string | undefined): Session {
    if (this.#sessions.size >= maximumSessions) this.#dropOldest();
    const session = new Session(scope.key, scope.profile, protocolVersion, client);
    this.#sessions.set(session.id, session);
    return session;
  }

  /** The session of that id, if it was opened at this end point with this token. */
  find(id: string, scope: Scope): Session | undefined {
    const session = this.#sessions.get(id);
    if (session?.scope !== scope.key || session.profile.name !== scope.profile.name) return undefined;
    session.profile = scope.profile;
    session.lastUsed = Date.now();
    return session;
  }

  end(session: Session): void {
    this.#sessions.delete(session.id);
    session.close();
  }

  /** Ends every session that was opened with a token. */
  endOf(profile: string): void {
    for (const session of [...this.#sessions.values()])
      if (session.profile.name === profile) this.end(session);
  }

  /** Sends a message to every session that can see the server. */
  broadcast(server: string, message: Buffer, wants: (session: Session) => boolean = () => true): void {
    for (const session of this.#sessions.values()) {
      const sees = (session.scope === '*' || session.scope === server) && seesServer(session.profile, server);
      if (sees && wants(session)) session.send(message);
    }
  }

  /** Whether any session wants to hear of changes of a resource. */
  anySubscribed(uri: string): boolean {
    return [...this.#sessions.values()].some((session) => session.subscribed.has(uri));
  }

  dispose(): void {
    clearInterval(this.#timer);
    for (const session of [...this.#sessions.values()]) this.end(session);
  }

  #expire(): void {
    const limit = Date.now() - idleMs;
    for (const session of [...this.#sessions.values()]) {
      if (session.lastUsed < limit && !session.streaming && session.running.size === 0) this.end(session);
    }
  }

  #dropOldest(): void {
    const [oldest] = [...this.#sessions.values()]
      .filter(({ running }) => running.size === 0)
      .sort((a, b) => a.lastUsed - b.lastUsed);
    if (oldest) this.end(oldest);
  }
}
