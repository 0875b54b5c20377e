import { Emitter } from '../../platform/disposable';
import { version } from '../../platform/version';
import type { ServerDefinition } from '../../servers/schema';
import type { LogBuffer } from '../log-buffer';
import { isObject, memberNamed, membersOf, stringValue } from '../wire/json';
import { codes, RpcError } from '../wire/rpc-error';
import { listKinds, lists, readList, type Item, type ListKind } from './catalogue';
import type { Channel, ChannelEvents } from './channel';
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

const initializeTimeoutMs = 60_000;
const maximumRestarts = 5;
/** A server that stayed up this long has its restarts forgotten. */
const stableMs = 5 * 60_000;
const requestedVersion = '2025-11-25';

/** One MCP server behind the gateway: starts it, keeps its catalogue, restarts it when it fails, relays requests. */
export class UpstreamServer {
  readonly #changed = new Emitter<void>();
  readonly #catalogueChanged = new Emitter<ListKind>();
  readonly #notified = new Emitter<{ method: string; params: Buffer | undefined }>();
  readonly onChanged = this.#changed.event;
  readonly onCatalogueChanged = this.#catalogueChanged.event;
  /** Notifications that are for the clients: log messages and resource updates. */
  readonly onNotification = this.#notified.event;

  readonly items: Record<ListKind, readonly Item[]> = {
    tools: [],
    prompts: [],
    resources: [],
    resourceTemplates: [],
  };
  /** The keys of the capabilities that the server declared. */
  capabilities: ReadonlySet<string> = new Set();
  instructions: string | undefined;

  #state: ServerState;
  #error: ServerProblem | null = null;
  #peer: Peer | undefined;
  #channel: Channel | undefined;
  #startedAt: Date | undefined;
  #serverInfo: ServerReport['serverInfo'] = null;
  #protocolVersion: string | null = null;
  #calls = 0;
  #errors = 0;
  #restarts = 0;
  #generation = 0;
  #backOff: NodeJS.Timeout | undefined;
  #starting = new AbortController();

  constructor(
    readonly name: string,
    readonly definition: ServerDefinition,
    readonly log: LogBuffer,
    readonly open: OpenChannel,
  ) {
    this.#state = definition.enabled ? 'idle' : 'disabled';
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
      serverInfo: this.#serverInfo,
      protocolVersion: this.#protocolVersion,
    };
  }

  /** Starts the server if it is not running. Never throws: a failure is its state. */
  async start(): Promise<void> {
    if (this.#state === 'disabled' || this.#state === 'starting' || this.#state === 'ready') return;
    clearTimeout(this.#backOff);
    const generation = ++this.#generation;
    this.#starting = new AbortController();
    this.#set('starting', null);
    try {
      await this.#handshake(generation, this.#starting.signal);
      if (generation !== this.#generation) return;
      this.#startedAt = new Date();
      this.#set('ready', null);
    } catch (error) {
      if (generation !== this.#generation) return;
      await this.#fail(error instanceof Error ? error.message : String(error));
    }
  }

  /** Stops it and starts it again, whatever state it is in; its restart count begins anew. */
  async restart(): Promise<void> {
    this.#restarts = 0;
    await this.stop();
    await this.start();
  }

  /** Ends the server and everything it started. */
  async stop(): Promise<void> {
    clearTimeout(this.#backOff);
    this.#generation += 1;
    this.#starting.abort();
    await this.#disconnect('was stopped');
    if (this.#state !== 'disabled') this.#set('stopped', null);
  }

  /** Relays one request. Throws {@link RpcError} when the server is not up or does not answer. */
  async request(
    method: string,
    params: ParamsFor,
    options: Omit<RequestOptions, 'timeoutMs'>,
  ): Promise<Answer> {
    const peer = await this.#readyPeer(options.signal);
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
    if (this.#state === 'idle' || this.#state === 'stopped') void this.start();
    if (!this.settled) await this.whenSettled(signal ?? AbortSignal.timeout(initializeTimeoutMs));
    if (this.#peer && this.#state === 'ready') return this.#peer;
    const reason = this.#error ? `${this.#error.message}. ${this.#error.next}` : `it is ${this.#state}`;
    throw new RpcError(codes.internal, `server "${this.name}" is not available: ${reason}`);
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
    await this.#initialize(peer, signal);
    await Promise.all(listKinds.map(async (kind) => this.#refresh(kind, peer, signal)));
  }

  async #initialize(peer: Peer, signal: AbortSignal): Promise<void> {
    const params = Buffer.from(
      JSON.stringify({
        protocolVersion: requestedVersion,
        capabilities: {},
        clientInfo: { name: 'devcontainer-mcp', title: 'MCP Gateway for Dev Containers', version },
      }),
    );
    const answer = await peer.request('initialize', () => params, { signal, timeoutMs: initializeTimeoutMs });
    if (answer.kind === 'error')
      throw new Error(`refused to initialize: ${answer.body.toString('utf8', 0, 500)}`);
    const { body } = answer;
    const members = membersOf(body, 0);
    const capabilities = memberNamed(members, 'capabilities');
    this.capabilities = new Set(
      isObject(body, capabilities) ? membersOf(body, capabilities.start).map((member) => member.key) : [],
    );
    const info = memberNamed(members, 'serverInfo');
    const infoMembers = isObject(body, info) ? membersOf(body, info.start) : [];
    this.#serverInfo = {
      name: stringValue(body, memberNamed(infoMembers, 'name')) ?? this.name,
      version: stringValue(body, memberNamed(infoMembers, 'version')) ?? '',
    };
    this.instructions = stringValue(body, memberNamed(members, 'instructions'));
    this.#protocolVersion = stringValue(body, memberNamed(members, 'protocolVersion')) ?? requestedVersion;
    peer.channel.negotiated(this.#protocolVersion);
    peer.notify('notifications/initialized');
  }

  async #refresh(kind: ListKind, peer: Peer, signal: AbortSignal): Promise<void> {
    const items = this.capabilities.has(lists[kind].capability) ? await readList(peer, kind, signal) : [];
    const before = this.items[kind];
    const same =
      before.length === items.length &&
      items.every((item, i) => before[i]?.bytes.equals(item.bytes) === true);
    if (same) return;
    this.items[kind] = items;
    this.#catalogueChanged.fire(kind);
    this.#changed.fire();
  }

  #onNotification(method: string, params: Buffer | undefined): void {
    const peer = this.#peer;
    const kinds = listKinds.filter((kind) => lists[kind].changed === method);
    for (const kind of kinds) {
      if (!peer) break;
      this.#refresh(kind, peer, this.#starting.signal).catch((error: unknown) =>
        this.log.add(`[gateway] ${String(error)}`),
      );
    }
    if (kinds.length === 0) this.#notified.fire({ method, params });
  }

  async #fail(reason: string): Promise<void> {
    const stable = this.#startedAt !== undefined && Date.now() - this.#startedAt.getTime() > stableMs;
    if (stable) this.#restarts = 0;
    this.log.add(`[gateway] ${reason}`);
    this.#generation += 1;
    const willRetry = this.#restarts < maximumRestarts;
    const delayMs = 1000 * 2 ** this.#restarts;
    const next = willRetry
      ? `It is tried again in ${delayMs / 1000} s; see its log: devcontainer-mcp logs ${this.name}`
      : `Look at its log (devcontainer-mcp logs ${this.name}), correct servers.json, then run: devcontainer-mcp restart ${this.name}`;
    this.#set('failed', { message: reason, next });
    await this.#disconnect(reason);
    if (!willRetry || this.state !== 'failed') return;
    this.#backOff = setTimeout(() => {
      this.#restarts += 1;
      void this.start();
    }, delayMs).unref();
  }

  async #disconnect(reason: string): Promise<void> {
    const channel = this.#channel;
    this.#peer?.close(reason);
    this.#peer = undefined;
    this.#channel = undefined;
    this.#startedAt = undefined;
    await channel?.close();
  }

  #set(state: ServerState, error: ServerProblem | null): void {
    this.#state = state;
    this.#error = error;
    this.#changed.fire();
  }
}
