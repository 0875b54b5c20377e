import { Emitter } from '../../platform/disposable';
import { AppError, messageOf } from '../../platform/errors';
import type { ServerDefinition } from '../../servers/schema';
import type { LogBuffer } from '../log-buffer';
import { codes, RpcError } from '../wire/rpc-error';
import { listKinds, lists, type Item, type ListKind } from './catalogue';
import type { Channel, ChannelEvents } from './channel';
import { introduce, type Introduction } from './handshake';
import { Listings, type Catalogue } from './listings';
import { Peer, type Answer, type ParamsFor, type RequestOptions } from './peer';

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

export type OpenChannel = (definition: ServerDefinition, events: ChannelEvents) => Channel;

const settleTimeoutMs = 60_000;
const maximumRestarts = 5;
/** A server that stayed up this long has its restarts forgotten. */
const stableMs = 5 * 60_000;

/** One MCP server behind the gateway: starts it, keeps its catalogue, restarts it when it fails, relays requests. */
export class UpstreamServer {
  readonly #changed = new Emitter<void>();
  readonly #notified = new Emitter<{ method: string; params: Buffer | undefined }>();
  readonly #listings = new Listings();
  readonly onChanged = this.#changed.event;
  readonly onCatalogueChanged = this.#listings.onChanged;
  /** Notifications that are for the clients: log messages and resource updates. */
  readonly onNotification = this.#notified.event;

  #state: ServerState;
  #error: ServerProblem | null = null;
  #peer: Peer | undefined;
  #channel: Channel | undefined;
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
    readonly open: OpenChannel,
  ) {
    this.#definition = definition;
    this.#state = definition.enabled ? 'idle' : 'disabled';
    this.#listings.onChanged(() => this.#changed.fire());
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
    return this.#introduction;
  }

  /** Whether stopping it now would take something away from a client. */
  get busy(): boolean {
    return this.#using > 0;
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
      pid: this.#channel?.pid ?? null,
      url: this.#channel?.url ?? null,
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
    await this.#disconnect('was disabled');
  }

  /** Ends the process until the server is asked for something; what is known of it stays. Does nothing while it is busy. */
  async sleep(): Promise<void> {
    if (this.#state !== 'ready' || this.busy) return;
    this.#takeOver();
    this.#set('idle', null);
    await this.#disconnect('was idle');
  }

  /** Ends it and starts it again, from now on as one that is starting; its restart count begins anew. */
  async restart(): Promise<void> {
    if (this.#state === 'disabled' || this.#state === 'stopped') return;
    this.#restarts = 0;
    const generation = this.#takeOver();
    this.#set('starting', null);
    await this.#disconnect('was restarted');
    if (generation === this.#generation) await this.#begin(generation);
  }

  /** Ends the server and everything it started, for good. */
  async stop(): Promise<void> {
    this.#takeOver();
    if (this.#state !== 'disabled') this.#set('stopped', null);
    await this.#disconnect('was stopped');
  }

  /** Relays one request. Throws {@link RpcError} when the server is not up or does not answer. */
  async request(
    method: string,
    params: ParamsFor,
    options: Omit<RequestOptions, 'timeoutMs'>,
  ): Promise<Answer> {
    this.#using += 1;
    this.#used = true;
    try {
      const peer = await this.#readyPeer(options.signal);
      return await this.#ask(peer, method, params, options);
    } finally {
      this.#using -= 1;
      this.#lastUsed = Date.now();
    }
  }

  async #ask(
    peer: Peer,
    method: string,
    params: ParamsFor,
    options: Omit<RequestOptions, 'timeoutMs'>,
  ): Promise<Answer> {
    this.#calls += 1;
    try {
      const answer = await peer.request(method, params, {
        ...options,
        timeoutMs: this.definition.timeoutSeconds * 1000,
      });
      if (answer.kind === 'error') this.#errors += 1;
      return answer;
    } catch (error) {
      this.#errors += 1;
      throw error;
    }
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

  async #readyPeer(signal: AbortSignal | undefined): Promise<Peer> {
    if (this.#state === 'idle') void this.start();
    if (!this.settled) await this.whenSettled(signal ?? AbortSignal.timeout(settleTimeoutMs));
    if (this.#peer && this.#state === 'ready') return this.#peer;
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
    const channel = this.open(this.definition, {
      message: (bytes) => peer.receive(bytes),
      closed: (reason) => {
        peer.close(reason);
        if (generation === this.#generation && this.#state === 'ready') void this.#fail(reason);
      },
      log: (line) => this.log.add(line),
    });
    const peer = new Peer(
      this.name,
      channel,
      (method, params) => this.#onNotification(method, params),
      (problem) => this.log.add(`[gateway] ${problem}`),
    );
    this.#channel = channel;
    this.#peer = peer;
    const introduction = await introduce(peer, signal);
    this.#introduction = introduction;
    await Promise.all(
      listKinds.map(async (kind) => this.#listings.read(kind, peer, introduction.capabilities, signal)),
    );
  }

  #onNotification(method: string, params: Buffer | undefined): void {
    const peer = this.#peer;
    const kinds = listKinds.filter((kind) => lists[kind].changed === method);
    for (const kind of kinds) {
      if (!peer) break;
      this.#listings
        .read(kind, peer, this.capabilities, this.#starting.signal)
        .catch((error: unknown) => this.log.add(`[gateway] ${messageOf(error)}`));
    }
    if (kinds.length === 0) this.#notified.fire({ method, params });
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
    const channel = this.#channel;
    this.#peer?.close(reason);
    this.#peer = undefined;
    this.#channel = undefined;
    this.#startedAt = undefined;
    const closed = channel
      ?.close()
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
