import { setImmediate as nextTurn } from 'node:timers/promises';
import type { CancelSignal } from '../../../platform/cancel-signal';
import { deadline } from '../../../platform/deadline';
import { Emitter } from '../../../platform/disposable';
import type { ServerDefinition } from '../../../servers/schema';
import type { Client } from '../../client/client';
import type { LogBuffer } from '../../logs/buffer';
import { codes, RpcError } from '../../../mcp-wire/rpc-error';
import type { ListKind } from '../../../mcp-wire/lists';
import { ClientServer } from './client-server';
import { Connection } from '../connection/connection';
import type { HandshakeResult } from '../connection/handshake';
import { FirstLists } from './first-lists';
import { Lifecycle } from './lifecycle';
import { Listings, type ServerLists } from '../lists/listings';
import { DedicatedConnections } from './dedicated-connections';
import type { RpcResponse } from '../../../mcp-wire/rpc-response';
import type { Lease, Opener, ServerHandle, ServerState } from './handle';
import { sharedIdentity, answerWithoutClient } from '../connection/shared-identity';
import { Subscriptions } from '../connection/subscriptions';
import type { Subscriber } from '../../client/subscriber';
import { UseCount } from './use-count';
import type { ServerReport } from '../../../servers/api-types';

const settleTimeoutMs = 60_000;

/** One MCP server behind the gateway: starts it, keeps its lists, restarts it when it fails, and leases connections. */
export class UpstreamServer implements ServerHandle {
  readonly #notified = new Emitter<{ method: string; params: Buffer | undefined }>();
  readonly #listings = new Listings();
  readonly #dedicatedChanged = new Emitter<ListKind>();
  /** Fires when a list has changed on a dedicated connection that does not belong to one session. */
  readonly onDedicatedCatalogueChanged = this.#dedicatedChanged.event;
  readonly onCatalogueChanged = this.#listings.onChanged;
  /** Notifications for clients that belong to no request, such as log messages. */
  readonly onNotification = this.#notified.event;

  readonly #lifecycle: Lifecycle;
  readonly #subscriptions = new Subscriptions();
  readonly #dedicated: DedicatedConnections;
  #connection: Connection | undefined;
  /** The shared connection, in the form in which each call gets it. */
  #shared: Lease | undefined;
  #handshake: HandshakeResult | undefined;
  #sendsRequests = false;
  /** Calls under way on the shared connection. */
  #sharedCalls = 0;
  #calls = 0;
  #errors = 0;
  readonly #use = new UseCount();
  #definition: ServerDefinition;

  constructor(
    readonly name: string,
    definition: ServerDefinition,
    readonly log: LogBuffer,
    readonly opener: Opener,
  ) {
    this.#definition = definition;
    const work = {
      name,
      log,
      open: async (signal: AbortSignal, onLost: (reason: string) => void) => this.#open(signal, onLost),
      close: async (reason: string) => this.#close(reason),
    };
    this.#lifecycle = new Lifecycle(work, definition.enabled);
    this.#listings.onChanged(() => this.#lifecycle.notifyChanged());
    this.#dedicated = new DedicatedConnections({
      name,
      definition: () => this.#definition,
      open: opener.open,
      era: async () => await Promise.resolve(this.#handshake?.era ?? 'legacy'),
      log: (line) => log.add(line),
      changed: (kind) => this.#dedicatedChanged.fire(kind),
      stateChanged: () => this.#dedicatedStateChanged(),
      startFailed: () => void this.start(),
      firstLists: new FirstLists(),
    });
  }

  get onChanged(): Lifecycle['onChanged'] {
    return this.#lifecycle.onChanged;
  }

  get items(): ServerLists {
    return this.#listings.items;
  }

  get definition(): ServerDefinition {
    return this.#definition;
  }

  /** Whether its lists can be shown: they were read in this run or an earlier one. */
  get hasLists(): boolean {
    return this.#listings.complete;
  }

  get handshake(): HandshakeResult | undefined {
    return (
      this.#handshake && (this.#sendsRequests ? { ...this.#handshake, sendsRequests: true } : this.#handshake)
    );
  }

  /** Whether stopping it now would affect a client. */
  get busy(): boolean {
    return this.#use.busy || this.#subscriptions.uris.length > 0 || this.#dedicated.used;
  }

  get dedicated(): DedicatedConnections {
    return this.#dedicated;
  }

  /** Whether it was used since it was started. */
  get used(): boolean {
    return this.#use.used;
  }

  /** When it was started or last used, in milliseconds since 1970. */
  get lastUsed(): number {
    return this.#use.lastUsed;
  }

  /** The keys of the capabilities that the server declared. */
  get capabilities(): ReadonlySet<string> {
    return this.#handshake?.capabilities ?? new Set();
  }

  get catchingUp(): Promise<unknown> | undefined {
    return this.#listings.catchingUp;
  }

  get declared(): string | undefined {
    return this.#handshake?.declared;
  }

  get instructions(): string | undefined {
    return this.#handshake?.instructions;
  }

  /** Where the shared connection is closed, the dedicated ones count. */
  get state(): ServerState {
    return this.#lifecycle.state === 'idle' ? this.#dedicated.state : this.#lifecycle.state;
  }

  /** Whether its state is final for now: it is not starting. */
  get settled(): boolean {
    return this.#lifecycle.settled;
  }

  report(): Omit<ServerReport, 'activity'> {
    const { items } = this;
    return {
      name: this.name,
      type: this.definition.type,
      state: this.state,
      enabled: this.definition.enabled,
      error: this.#lifecycle.error,
      counts: {
        tools: items.tools.length,
        prompts: items.prompts.length,
        resources: items.resources.length,
        resourceTemplates: items.resourceTemplates.length,
        calls: this.#calls,
        errors: this.#errors,
      },
      pid: this.#connection?.pid ?? this.#dedicated.pid,
      url: this.#connection?.url ?? null,
      startedAt: this.#lifecycle.startedAt?.toISOString() ?? null,
      restarts: this.#lifecycle.restarts,
      description: this.definition.description ?? null,
      serverInfo: this.#handshake?.serverInfo ?? null,
      protocolVersion: this.#handshake?.protocolVersion ?? null,
    };
  }

  /** Starts the server if it is not running. Never throws: a failure becomes its state. */
  async start(): Promise<void> {
    await this.#lifecycle.start();
  }

  /** Restores the lists and the handshake result of an earlier run, before the first start. */
  restore(handshake: HandshakeResult, catalogue: ServerLists): void {
    this.#handshake = handshake;
    this.#sendsRequests = handshake.sendsRequests === true;
    this.#listings.restore(catalogue);
  }

  /** Applies a definition that needs no other process. Disabling ends the process. The registry starts enabled servers. */
  async redefine(definition: ServerDefinition): Promise<void> {
    const before = this.#definition;
    this.#definition = definition;
    if (definition.enabled === before.enabled) this.#lifecycle.notifyChanged();
    else await this.#end(definition.enabled ? 'idle' : 'disabled', 'was disabled');
  }

  /** Ends the process until the server is needed again, and keeps its lists. Does nothing while it is busy. */
  async sleep(): Promise<void> {
    if (this.state === 'ready' && !this.busy) await this.#end('idle', 'was idle');
  }

  /** Restarts it. Its state is `starting` at once, and its restart count is reset. */
  async restart(): Promise<void> {
    await Promise.all([this.#dedicated.close('was restarted'), this.#lifecycle.restart('was restarted')]);
  }

  /** Ends the server and everything that it started, permanently. */
  async stop(): Promise<void> {
    await this.#end('stopped', 'was stopped');
  }

  lease(client: Client, signal: CancelSignal): Lease | Promise<Lease> {
    this.#use.begin();
    if (this.#shared && this.state === 'ready' && !this.isDedicatedFor(client))
      return this.#takeShared(this.#shared);
    return this.#leaseLater(client, signal);
  }

  wantLevel(level: string): void {
    if (this.#connection) this.#connection.wantLevel(level);
    else this.#subscriptions.wantLevel(level);
  }

  isSubscribed(uri: string, subscriber: Subscriber): boolean {
    return this.#subscriptions.has(uri, subscriber);
  }

  unsubscribe(uri: string, subscriber: Subscriber): void {
    this.#subscriptions.end(uri, subscriber);
  }

  forClient(client: Client): ServerHandle {
    const own = this.isDedicatedFor(client) ? this.#dedicated.of(client) : undefined;
    return own ? new ClientServer(this, own) : this;
  }

  count(answer: RpcResponse | undefined): void {
    this.#calls += 1;
    if (answer?.kind !== 'result') this.#errors += 1;
  }

  /** Resolves when the server has settled, or when the signal aborts. */
  async whenSettled(signal: CancelSignal): Promise<void> {
    await this.#lifecycle.whenSettled(signal);
  }

  /** Whether a client uses the server through a dedicated connection. */
  isDedicatedFor(client: Client): boolean {
    if (this.#handshake?.era !== 'modern') return this.#isNeverShared;
    return this.definition.isolation === 'session' && client.session !== undefined;
  }

  async #leaseLater(client: Client, signal: CancelSignal): Promise<Lease> {
    try {
      const { connection, release } = await this.#leaseFor(client, signal);
      return {
        connection,
        release: () => {
          release();
          this.#use.end();
        },
      };
    } catch (error) {
      this.#use.end();
      throw error;
    }
  }

  /** A dedicated connection does not need the shared connection. */
  async #leaseFor(client: Client, signal: CancelSignal): Promise<Lease> {
    const dedicatedIsEnough =
      this.#handshake !== undefined && ['idle', 'starting', 'ready'].includes(this.state);
    if (dedicatedIsEnough && this.isDedicatedFor(client)) return await this.#dedicated.lease(client, signal);
    const connection = await this.#ready(signal);
    if (this.isDedicatedFor(client)) return await this.#dedicated.lease(client, signal);
    return this.#takeShared({ connection, release: () => this.#sharedReleased() });
  }

  #takeShared(lease: Lease): Lease {
    this.#sharedCalls += 1;
    return lease;
  }

  #sharedReleased(): void {
    this.#sharedCalls -= 1;
    if (this.#sendsRequests) this.#closeUnused();
  }

  #dedicatedStateChanged(): void {
    this.#lifecycle.notifyChanged();
    this.#closeUnused();
  }

  /** Whether no client uses the shared connection of a server of the legacy era, once its lists are known. */
  get #isNeverShared(): boolean {
    return this.definition.isolation === 'session' || this.#sendsRequests;
  }

  /** Closes the shared connection where every client uses a dedicated one: its process would only take memory. */
  #closeUnused(): void {
    const inUse = this.#sharedCalls > 0 || this.#subscriptions.uris.length > 0;
    if (this.#handshake?.era === 'modern' || !this.#isNeverShared || inUse) return;
    if (this.#dedicated.state !== 'ready' || this.#lifecycle.state !== 'ready') return;
    this.log.add('[gateway] each client has a connection of its own, so the shared one is closed');
    void this.#lifecycle.stop('idle', 'is not shared any more');
  }

  async #ready(signal: CancelSignal): Promise<Connection> {
    if (this.#lifecycle.state === 'idle') void this.start();
    if (!this.settled) await this.#settledInTime(signal);
    if (this.#connection && this.state === 'ready') return this.#connection;
    const { error, state } = this.#lifecycle;
    const doing = this.opener.activity(this.#definition);
    const now = doing === undefined ? state : `${state}: ${doing}`;
    const reason = error ? `${error.message} ${error.next}` : `It is ${now}.`;
    throw new RpcError(codes.internal, `The server "${this.name}" is not available. ${reason}`);
  }

  async #settledInTime(signal: CancelSignal): Promise<void> {
    const limit = deadline([signal], settleTimeoutMs);
    await this.whenSettled(limit.signal).finally(() => limit.dispose());
  }

  async #end(state: 'disabled' | 'idle' | 'stopped', reason: string): Promise<void> {
    await Promise.all([this.#lifecycle.stop(state, reason), this.#dedicated.close(reason)]);
  }

  async #open(signal: AbortSignal, onLost: (reason: string) => void): Promise<void> {
    // Starting a process blocks for milliseconds. The caller continues first.
    await nextTurn(undefined, { signal });
    const connection = new Connection({
      name: this.name,
      definition: () => this.#definition,
      open: this.opener.open,
      identity: sharedIdentity,
      listings: this.#listings,
      subscriptions: this.#subscriptions,
      era: async (ended) => await this.opener.detect(this.#definition, ended),
      events: {
        closed: onLost,
        reinitialized: (handshake) => {
          this.#handshake = handshake;
          this.#lifecycle.notifyChanged();
        },
        notification: (method, params) => this.#notified.fire({ method, params }),
        request: async (request) => await Promise.resolve(answerWithoutClient(request)),
        requestReceived: () => this.#onServerRequest(),
        log: (line) => this.log.add(line),
      },
    });
    this.#connection = connection;
    this.#shared = {
      connection,
      release: () => {
        this.#use.end();
        this.#sharedReleased();
      },
    };
    this.#handshake = await connection.start(signal);
    this.#use.started(this.busy);
  }

  async #close(reason: string): Promise<void> {
    const connection = this.#connection;
    this.#connection = undefined;
    this.#shared = undefined;
    await connection?.close(reason);
  }

  /** From now on each client gets a dedicated connection, because the server sends requests to its client. */
  #onServerRequest(): void {
    if (this.#sendsRequests) return;
    this.#sendsRequests = true;
    this.log.add(
      '[gateway] The server sends requests to its client. From now on each client gets a dedicated connection.',
    );
    this.#lifecycle.notifyChanged();
  }
}
