import type { CancelSignal } from '../../../platform/cancel-signal';
import type { ServerDefinition } from '../../../servers/schema';
import type { Client } from '../../client/client';
import type { Catalogue } from './listings';
import type { OwnConnection } from './own-connection';
import type { Answer } from '../connection/peer';
import type { Subscriber } from './subscriptions';
import type { UpstreamServer } from './server';
import type { Lease, ServerHandle, ServerState } from './handle';

/** A server as one client sees it, through a connection that not everybody shares. */
export class ClientServer implements ServerHandle {
  readonly #own: OwnConnection;

  constructor(
    readonly server: UpstreamServer,
    own: OwnConnection,
  ) {
    this.#own = own;
  }

  get name(): string {
    return this.server.name;
  }

  get definition(): ServerDefinition {
    return this.server.definition;
  }

  get state(): ServerState {
    return this.server.state;
  }

  get settled(): boolean {
    if (this.#own.tried) return true;
    return this.server.settled && this.server.state !== 'ready' && this.server.state !== 'idle';
  }

  get since(): number {
    return this.#own.since;
  }

  get known(): boolean {
    if (this.#own.introduction) return true;
    // What is to be started by a call is not started to be listed.
    return this.definition.start === 'on-first-use' && this.server.known;
  }

  get items(): Catalogue {
    return this.#own.introduction ? this.#own.listings.items : this.server.items;
  }

  get capabilities(): ReadonlySet<string> {
    return this.#own.introduction?.capabilities ?? this.server.capabilities;
  }

  get catchingUp(): Promise<unknown> | undefined {
    return this.#own.introduction ? this.#own.listings.catchingUp : this.server.catchingUp;
  }

  get declared(): string | undefined {
    return this.#own.introduction?.declared ?? this.server.declared;
  }

  get instructions(): string | undefined {
    return this.#own.introduction?.instructions ?? this.server.instructions;
  }

  listed(): void {
    if (!this.#own.introduction) this.#own.shownOther = true;
  }

  async start(): Promise<void> {
    await this.server.start();
  }

  async whenSettled(signal: CancelSignal): Promise<void> {
    if (!this.server.introduction) await this.server.whenSettled(signal);
    if (this.settled || signal.aborted) return;
    await new Promise<void>((resolve) => {
      signal.addEventListener('abort', () => resolve(), { once: true });
      // Why it failed is told to the calls that need it.
      this.#own.get().then(
        () => resolve(),
        () => resolve(),
      );
    });
  }

  lease(client: Client, signal: CancelSignal): Lease | Promise<Lease> {
    return this.server.lease(client, signal);
  }

  wantLevel(level: string): void {
    this.#own.wantLevel(level);
  }

  /** What was subscribed before the client had a connection of its own counts too. */
  watches(uri: string, subscriber: Subscriber): boolean {
    return this.#own.subscriptions.has(uri, subscriber) || this.server.watches(uri, subscriber);
  }

  unwatch(uri: string, subscriber: Subscriber): void {
    this.#own.subscriptions.end(uri, subscriber);
    this.server.unwatch(uri, subscriber);
  }

  forClient(): ServerHandle {
    return this;
  }

  count(answer: Answer | undefined): void {
    this.server.count(answer);
  }
}
