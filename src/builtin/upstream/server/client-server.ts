import type { CancelSignal } from '../../../platform/cancel-signal';
import type { ServerDefinition } from '../../../servers/schema';
import type { Client } from '../../client/client';
import type { ServerLists } from '../lists/listings';
import type { DedicatedConnection } from './dedicated-connection';
import type { RpcResponse } from '../../../mcp-wire/rpc-response';
import type { HandshakeResult } from '../connection/handshake';
import type { Subscriber } from '../../client/subscriber';
import type { Lease, ServerHandle, ServerState } from './handle';

/** The server that all clients share; `handshake` is there once the server has answered it. */
export interface SharedServer extends ServerHandle {
  readonly handshake: HandshakeResult | undefined;
}

/** A server as one client sees it, through a dedicated connection. */
export class ClientServer implements ServerHandle {
  readonly #dedicated: DedicatedConnection;

  constructor(
    readonly server: SharedServer,
    own: DedicatedConnection,
  ) {
    this.#dedicated = own;
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
    if (this.#dedicated.tried) return true;
    return this.server.settled && this.server.state !== 'ready' && this.server.state !== 'idle';
  }

  get since(): number {
    return this.#dedicated.since;
  }

  get hasLists(): boolean {
    if (this.#dedicated.handshake) return true;
    // A server that starts on first use is not started only to list it.
    return this.definition.start === 'on-first-use' && this.server.hasLists;
  }

  get items(): ServerLists {
    return this.#dedicated.handshake ? this.#dedicated.listings.items : this.server.items;
  }

  get capabilities(): ReadonlySet<string> {
    return this.#dedicated.handshake?.capabilities ?? this.server.capabilities;
  }

  get catchingUp(): Promise<unknown> | undefined {
    return this.#dedicated.handshake ? this.#dedicated.listings.catchingUp : this.server.catchingUp;
  }

  get declared(): string | undefined {
    return this.#dedicated.handshake?.declared ?? this.server.declared;
  }

  get instructions(): string | undefined {
    return this.#dedicated.handshake?.instructions ?? this.server.instructions;
  }

  listsShown(): void {
    if (!this.#dedicated.handshake) this.#dedicated.sharedListsShown = true;
  }

  async start(): Promise<void> {
    await this.server.start();
  }

  async whenSettled(signal: CancelSignal): Promise<void> {
    if (!this.server.handshake) await this.server.whenSettled(signal);
    if (this.settled || signal.aborted) return;
    await new Promise<void>((resolve) => {
      signal.addEventListener('abort', () => resolve(), { once: true });
      // The calls that need the connection report why it failed.
      this.#dedicated.get().then(
        () => resolve(),
        () => resolve(),
      );
    });
  }

  lease(client: Client, signal: CancelSignal): Lease | Promise<Lease> {
    return this.server.lease(client, signal);
  }

  wantLevel(level: string): void {
    this.#dedicated.wantLevel(level);
  }

  /** Includes subscriptions that were made before the client had a dedicated connection. */
  isSubscribed(uri: string, subscriber: Subscriber): boolean {
    return this.#dedicated.subscriptions.has(uri, subscriber) || this.server.isSubscribed(uri, subscriber);
  }

  unsubscribe(uri: string, subscriber: Subscriber): void {
    this.#dedicated.subscriptions.end(uri, subscriber);
    this.server.unsubscribe(uri, subscriber);
  }

  forClient(): ServerHandle {
    return this;
  }

  count(answer: RpcResponse | undefined): void {
    this.server.count(answer);
  }
}
