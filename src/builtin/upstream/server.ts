import { Emitter } from '../../platform/disposable';
import { AppError, messageOf } from '../../platform/errors';
import type { ServerDefinition } from '../../servers/schema';
import { makeFace, type Client, type Era } from '../client/client';
import type { LogBuffer } from '../log-buffer';
import { codes, RpcError } from '../wire/rpc-error';
import type { ServerRequest } from './call-link';
import type { Item, ListKind } from './catalogue';
import { ClientServer } from './client-server';
import { Connection, type OpenChannel } from './connection';
import { gatewayInfo } from './gateway-info';
import type { Introduction } from './handshake';
import { Listings, type Catalogue } from './listings';
import { OwnConnections } from './own-connections';
import type { Answer } from './peer';
import { Subscriptions } from './subscriptions';

/** Opens connections, and finds out which era a server speaks. */
export interface Opener {
  readonly open: OpenChannel;
  /** Asks on the channel of that definition that was opened last. Throws when it can not be told. */
  ask(definition: ServerDefinition, signal: AbortSignal): Promise<Era>;
}

export type ServerState = 'disabled' | 'idle' | 'starting' | 'ready' | 'failed' | 'stopped';

export interface ServerProblem {
  message: string;
  next: string;
}

/** What the gateway tells about one server; the shape of `/api/servers`. */
export interface ServerReport {
  name: string;
  type: ServerDefinition['type'];
  state: ServerState;
  enabled: boolean;
  error: ServerProblem | null;
  counts: Record<ListKind | 'calls' | 'errors', number>;
  pid: number | null;
  url: string | null;
  startedAt: string | null;
  restarts: number;
  description: string | null;
  serverInfo: { name: string; version: string } | null;
  protocolVersion: string | null;
}

/** A connection for the time of one call. */
export interface Lease {
  connection: Connection;
  release(): void;
}

/** A server as the router and the lists see it: as it is for everybody, or as it is for one client. */
export interface ServerHandle {
  readonly name: string;
  readonly definition: ServerDefinition;
  readonly state: ServerState;
  /** Whether nothing about it is going to change by itself soon. */
  readonly settled: boolean;
  /** Since when it could have settled, in milliseconds since 1970, where that is not when its definition came. */
  readonly since?: number | undefined;
  readonly items: Catalogue;
  /** Whether its lists can be shown: they have been read, now or in an earlier run. */
  readonly known: boolean;
  /** The keys of the capabilities that the server declared. */
  readonly capabilities: ReadonlySet<string>;
  readonly instructions: string | undefined;
  /** Starts the server if it is not running. Never throws: a failure is its state. */
  start(): Promise<void>;
  /** Resolves when the server has settled, or when the signal aborts. */
  whenSettled(signal: AbortSignal): Promise<void>;
  /** The connection for a call of that client. Throws {@link RpcError} when the server is not up. */
  lease(client: Client, signal: AbortSignal): Promise<Lease>;
  /** Lets the server log at that level at least. Rejects when it does not take it. */
  wantLevel(level: string): Promise<void>;
  /** The server as that client sees it. */
  forClient(client: Client): ServerHandle;
  /** Called when a client was shown its lists. */
  listed?(): void;
  /** Counts an answer, or its absence. */
  count(answer: Answer | undefined): void;
}

const settleTimeoutMs = 60_000;

/**
 * What the shared connection declares: whatever a server may ask for reaches the client whose call is under way. Once
 * a server has asked, clients get connections of their own, which declare what they themselves can do.
 */
const sharedFace = makeFace(
  Buffer.from(
    JSON.stringify({
      roots: { listChanged: true },
      sampling: { context: {}, tools: {} },
      elicitation: { form: {}, url: {} },
    }),
  ),
  Buffer.from(JSON.stringify(gatewayInfo)),
);
const maximumRestarts = 5;
/** A server that stayed up this long has its restarts forgotten. */
const stableMs = 5 * 60_000;

/** One MCP server behind the gateway: starts it, keeps its catalogue, restarts it when it fails, relays requests. */
export class UpstreamServer implements ServerHandle {
  readonly #changed = new Emitter<void>();
  readonly #notified = new Emitter<{ method: string; params: Buffer | undefined }>();
  readonly #listings = new Listings();
  readonly #ownChanged = new Emitter<ListKind>();
  readonly onChanged = this.#changed.event;
  /** A list differs for clients without a session that have connections of their own. */
  readonly onOwnCatalogueChanged = this.#ownChanged.event;
  readonly onCatalogueChanged = this.#listings.onChanged;
  /** Notifications that are for the clients: log messages and resource updates. */
  readonly onNotification = this.#notified.event;

  #state: ServerState;
  #error: ServerProblem | null = null;
  #connection: Connection | undefined;
  readonly #subscriptions = new Subscriptions();
  readonly #own: OwnConnections;
  #asks = false;
  /** Resolves when every connection that was given up is gone. */
  #closing: Promise<unknown> = Promise.resolve();
  #introduction: Introduction | undefined;
  #startedAt: Date | undefined;
  #calls = 0;
  #errors = 0;
  #restarts = 0;
  /** Counts the starts, restarts, failures and stops: whoever finds another number was overtaken. */
  #generation = 0;
  /** Requests under way, those included that wait for the start. */
  #using = 0;
  #used = false;
  #lastUsed = Date.now();
  #definition: ServerDefinition;
  #backOff: NodeJS.Timeout | undefined;
  #starting = new AbortController();

  constructor(
    readonly name: string,
    definition: ServerDefinition,
    readonly log: LogBuffer,
    readonly opener: Opener,
  ) {
    this.#definition = definition;
    this.#state = definition.enabled ? 'idle' : 'disabled';
    this.#listings.onChanged(() => this.#changed.fire());
    this.#own = new OwnConnections({
      name,
      definition: () => this.#definition,
      open: opener.open,
      era: async () => await Promise.resolve(this.#introduction?.era ?? 'legacy'),
      log: (line) => log.add(line),
      changed: (kind) => this.#ownChanged.fire(kind),
    });
  }

  get items(): Readonly<Record<ListKind, readonly Item[]>> {
    return this.#listings.items;
  }

  get definition(): ServerDefinition {
    return this.#definition;
  }

  /** Whether its lists can be shown: they have been read, now or in an earlier run. */
  get known(): boolean {
    return this.#listings.known;
  }

  get introduction(): Introduction | undefined {
    return this.#introduction && (this.#asks ? { ...this.#introduction, asks: true } : this.#introduction);
  }

  /** Whether stopping it now would take something away from a client. */
  get busy(): boolean {
    return this.#using > 0 || this.#subscriptions.uris.length > 0 || this.#own.used;
  }

  get own(): OwnConnections {
    return this.#own;
  }

  get connection(): Connection | undefined {
    return this.#connection;
  }

  /** Whether it has been asked for something since it was started. */
  get used(): boolean {
    return this.#used;
  }

  /** When it was started or last asked for something, in milliseconds since 1970. */
  get lastUsed(): number {
    return this.#lastUsed;
  }

  /** The keys of the capabilities that the server declared. */
  get capabilities(): ReadonlySet<string> {
    return this.#introduction?.capabilities ?? new Set();
  }

  get instructions(): string | undefined {
    return this.#introduction?.instructions;
  }

  get state(): ServerState {
    return this.#state;
  }

  /** Whether nothing about it is going to change by itself soon. */
  get settled(): boolean {
    return this.#state !== 'starting';
  }

  report(): ServerReport {
    const { items } = this;
    return {
      name: this.name,
      type: this.definition.type,
      state: this.#state,
      enabled: this.definition.enabled,
      error: this.#error,
      counts: {
        tools: items.tools.length,
        prompts: items.prompts.length,
        resources: items.resources.length,
        resourceTemplates: items.resourceTemplates.length,
        calls: this.#calls,
        errors: this.#errors,
      },
      pid: this.#connection?.pid ?? null,
      url: this.#connection?.url ?? null,
      startedAt: this.#startedAt?.toISOString() ?? null,
      restarts: this.#restarts,
      description: this.definition.description ?? null,
      serverInfo: this.#introduction?.serverInfo ?? null,
      protocolVersion: this.#introduction?.protocolVersion ?? null,
    };
  }

  /** Starts the server if it is not running. Never throws: a failure is its state. */
  async start(): Promise<void> {
    if (this.#state === 'idle' || this.#state === 'failed') await this.#begin(this.#takeOver());
  }

  /** Takes over what an earlier run knew of it, before its first start. */
  adopt(introduction: Introduction, catalogue: Catalogue): void {
    this.#introduction = introduction;
    this.#asks = introduction.asks === true;
    this.#listings.adopt(catalogue);
  }

  /** Takes over a definition that needs no other process. Disabling ends the process; what is enabled is started by its owner. */
  async redefine(definition: ServerDefinition): Promise<void> {
    const before = this.#definition;
    this.#definition = definition;
    if (definition.enabled === before.enabled) {
      this.#changed.fire();
      return;
    }
    this.#takeOver();
    this.#restarts = 0;
    this.#set(definition.enabled ? 'idle' : 'disabled', null);
    await Promise.all([this.#disconnect('was disabled'), this.#own.close('was disabled')]);
  }

  /** Ends the process until the server is asked for something; what is known of it stays. Does nothing while it is busy. */
  async sleep(): Promise<void> {
    if (this.#state !== 'ready' || this.busy) return;
    this.#takeOver();
    this.#set('idle', null);
    await Promise.all([this.#disconnect('was idle'), this.#own.close('was idle')]);
  }

  /** Ends it and starts it again, from now on as one that is starting; its restart count begins anew. */
  async restart(): Promise<void> {
    if (this.#state === 'disabled' || this.#state === 'stopped') return;
    this.#restarts = 0;
    const generation = this.#takeOver();
    this.#set('starting', null);
    await Promise.all([this.#disconnect('was restarted'), this.#own.close('was restarted')]);
    if (generation === this.#generation) await this.#begin(generation);
  }

  /** Ends the server and everything it started, for good. */
  async stop(): Promise<void> {
    this.#takeOver();
    if (this.#state !== 'disabled') this.#set('stopped', null);
    await Promise.all([this.#disconnect('was stopped'), this.#own.close('was stopped')]);
  }

  async lease(client: Client, signal: AbortSignal): Promise<Lease> {
    this.#using += 1;
    this.#used = true;
    try {
      const lease = await this.#leaseFor(client, signal);
      return {
        connection: lease.connection,
        release: () => {
          lease.release();
          this.#released();
        },
      };
    } catch (error) {
      this.#released();
      throw error;
    }
  }

  async wantLevel(level: string): Promise<void> {
    await this.#connection?.wantLevel(level);
  }

  forClient(client: Client): ServerHandle {
    return this.isOwnFor(client) ? new ClientServer(this, client) : this;
  }

  count(answer: Answer | undefined): void {
    this.#calls += 1;
    if (answer?.kind !== 'result') this.#errors += 1;
  }

  /** Resolves when the server has settled, or when the signal aborts. */
  async whenSettled(signal: AbortSignal): Promise<void> {
    if (this.settled || signal.aborted) return;
    await new Promise<void>((resolve) => {
      const done = (): void => {
        if (!this.settled && !signal.aborted) return;
        subscription.dispose();
        signal.removeEventListener('abort', done);
        resolve();
      };
      const subscription = this.onChanged(done);
      signal.addEventListener('abort', done);
    });
  }

  /** Whether a client sees the server through a connection that not everybody shares. */
  isOwnFor(client: Client): boolean {
    const { isolation } = this.definition;
    if (this.#introduction?.era === 'modern') return isolation === 'session' && client.session !== undefined;
    return isolation === 'session' || this.#asks;
  }

  /** A connection of a client's own does not need the one that everybody shares. */
  async #leaseFor(client: Client, signal: AbortSignal): Promise<Lease> {
    const ownIsEnough =
      this.#introduction !== undefined && ['idle', 'starting', 'ready'].includes(this.#state);
    if (ownIsEnough && this.isOwnFor(client)) return await this.#own.lease(client);
    const connection = await this.#ready(signal);
    return this.isOwnFor(client) ? await this.#own.lease(client) : { connection, release: () => undefined };
  }

  #released(): void {
    this.#using -= 1;
    this.#lastUsed = Date.now();
  }

  async #ready(signal: AbortSignal): Promise<Connection> {
    if (this.#state === 'idle') void this.start();
    if (!this.settled)
      await this.whenSettled(AbortSignal.any([signal, AbortSignal.timeout(settleTimeoutMs)]));
    if (this.#connection && this.#state === 'ready') return this.#connection;
    const reason = this.#error ? `${this.#error.message}. ${this.#error.next}` : `it is ${this.#state}`;
    throw new RpcError(codes.internal, `server "${this.name}" is not available: ${reason}`);
  }

  /** Makes everything that is under way out of date. */
  #takeOver(): number {
    clearTimeout(this.#backOff);
    this.#starting.abort();
    this.#generation += 1;
    return this.#generation;
  }

  async #begin(generation: number): Promise<void> {
    this.#starting = new AbortController();
    this.#set('starting', null);
    try {
      await this.#closing;
      if (generation !== this.#generation) return;
      await this.#handshake(generation, this.#starting.signal);
      if (generation !== this.#generation) return;
      this.#startedAt = new Date();
      this.#lastUsed = Date.now();
      this.#used = this.busy;
      this.#set('ready', null);
    } catch (error) {
      if (generation !== this.#generation) return;
      await this.#fail(messageOf(error), error instanceof AppError ? error.next : undefined);
    }
  }

  async #handshake(generation: number, signal: AbortSignal): Promise<void> {
    const connection = new Connection({
      name: this.name,
      definition: () => this.#definition,
      open: this.opener.open,
      face: sharedFace,
      listings: this.#listings,
      subscriptions: this.#subscriptions,
      era: async (signal) => await this.opener.ask(this.#definition, signal),
      events: {
        closed: (reason) => {
          if (generation === this.#generation && this.#state === 'ready') void this.#fail(reason);
        },
        notification: (method, params) => this.#notified.fire({ method, params }),
        question: async (request) => await Promise.resolve(this.#unasked(request)),
        asked: () => this.#learn(),
        log: (line) => this.log.add(line),
      },
    });
    this.#connection = connection;
    this.#introduction = await connection.start(signal);
  }

  /** A server that asks its clients for things is not shared by clients from now on. */
  #learn(): void {
    if (this.#asks) return;
    this.#asks = true;
    this.log.add('[gateway] it asks its client for things: each client gets a connection of its own');
    this.#changed.fire();
  }

  /** Nobody in particular is asked: there are no roots but those that the definition names, and no one to answer. */
  #unasked({ method }: ServerRequest): Answer {
    if (method === 'roots/list') return { kind: 'result', body: Buffer.from('{"roots":[]}') };
    throw new RpcError(codes.internal, 'no client is there that could be asked: call again');
  }

  /** `next`: what mends it, where the failure itself knows. */
  async #fail(reason: string, next?: string): Promise<void> {
    const stable = this.#startedAt !== undefined && Date.now() - this.#startedAt.getTime() > stableMs;
    if (stable) this.#restarts = 0;
    this.log.add(`[gateway] ${reason}`);
    const generation = this.#takeOver();
    const willRetry = this.#restarts < maximumRestarts;
    const delayMs = 1000 * 2 ** this.#restarts;
    const usual = willRetry
      ? `It is tried again in ${delayMs / 1000} s; see its log: devcontainer-mcp logs ${this.name}`
      : `Look at its log (devcontainer-mcp logs ${this.name}), correct servers.json, then run: devcontainer-mcp restart ${this.name}`;
    // What a server says about its failure can quote what it was given.
    this.#set('failed', { message: this.log.redact(reason), next: next ?? usual });
    await this.#disconnect(reason);
    if (!willRetry || generation !== this.#generation) return;
    this.#backOff = setTimeout(() => {
      this.#restarts += 1;
      void this.start();
    }, delayMs).unref();
  }

  /** Resolves when this connection and those given up before it are gone. */
  async #disconnect(reason: string): Promise<void> {
    const connection = this.#connection;
    this.#connection = undefined;
    this.#startedAt = undefined;
    const closed = connection
      ?.close(reason)
      .catch((error: unknown) => this.log.add(`[gateway] it may not have ended: ${messageOf(error)}`));
    this.#closing = Promise.all([this.#closing, closed]);
    await this.#closing;
  }

  #set(state: ServerState, error: ServerProblem | null): void {
    this.#state = state;
    this.#error = error;
    this.#changed.fire();
  }
}
