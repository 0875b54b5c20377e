import { setTimeout as delay } from 'node:timers/promises';
import { DisposableList, Emitter } from '../../platform/disposable';
import { processHash } from '../../servers/process-fields';
import { defaultSettings, type GatewaySettings } from '../../servers/gateway-settings';
import type { ServerDefinition, ServersFile } from '../../servers/schema';
import type { CatalogueCache } from './cache';
import { variablesIn } from '../../servers/variables';
import type { ServerSource } from '../config/merge';
import type { LogBuffer } from '../logs/buffer';
import { MergedCatalogue, type CatalogueEntry } from './merged';
import type { ApiProblem, ServerReport } from '../../servers/api-types';
import { scopeOfAll, scopeOfOne, type Scope } from './scope';
import { StartQueue } from '../config/start-queue';
import { IdleMonitor } from '../config/idle-monitor';
import { listKinds, lists, type ListKind } from '../../mcp-wire/lists';
import { UpstreamServer } from '../upstream/server/server';
import type { Opener } from '../upstream/server/handle';

export type { CatalogueEntry as Exposed } from './merged';

/** How long a list waits for a server that starts for the first time. Some clients request the lists only once. */
const settleMs = 10_000;

/** The report on one server, with its source. */
export interface RegisteredServerReport extends ServerReport {
  source: ServerSource;
  /** The tools that are disabled, by the names that the server gives them. */
  disabledTools: readonly string[];
}

/**
 * All servers behind the gateway, and their merged lists.
 *
 * It applies a configuration: it starts new servers, stops removed ones, and restarts a server only when its process must
 * change. It answers list requests from the lists that the servers sent last or in an earlier run, so a client does not
 * wait for servers that start. It fires `list_changed` when the visible entries differ. A server that fails does not
 * affect the others. Names of tools and prompts are unique here; URIs are never changed. See
 * https://modelcontextprotocol.io/specification/2025-11-25/server/tools (List Changed Notification, Tool Names).
 */
export class ServerRegistry {
  readonly #changed = new Emitter<UpstreamServer>();
  readonly #catalogueChanged = new Emitter<{ server: UpstreamServer; kind: ListKind }>();
  readonly #notified = new Emitter<{ server: UpstreamServer; method: string; params: Buffer | undefined }>();
  readonly onChanged = this.#changed.event;
  readonly onCatalogueChanged = this.#catalogueChanged.event;
  readonly onNotification = this.#notified.event;
  readonly #listChanged = new Emitter<{ server: UpstreamServer; method: string }>();
  /** Fires with the `list_changed` notification for clients, once for several lists that share a notification. */
  readonly onListChanged = this.#listChanged.event;
  readonly #pendingNotifications = new Map<UpstreamServer, Set<string>>();
  readonly #merged: MergedCatalogue;
  readonly #sleep: IdleMonitor;
  readonly #queue = new StartQueue();

  /** When the definition of a server was received, in milliseconds since 1970. */
  readonly #definedAt = new Map<string, number>();
  readonly #subscriptions = new Map<UpstreamServer, DisposableList>();
  readonly #serversChanged = new Emitter<void>();
  /** Fires when a server was added, removed or replaced. */
  readonly onServersChanged = this.#serversChanged.event;
  #servers: ReadonlyMap<string, UpstreamServer> = new Map();
  #all: Scope | undefined;
  readonly #singles = new Map<string, Scope>();
  #sources: ReadonlyMap<string, ServerSource> = new Map();
  #settings = defaultSettings;

  constructor(
    readonly opener: Opener,
    readonly logFor: (server: string) => LogBuffer,
    report: (problem: string) => void,
    readonly cache: CatalogueCache,
  ) {
    this.#sleep = new IdleMonitor(() => this.servers.values());
    this.#merged = new MergedCatalogue(report);
    opener.onActivityChanged((definition) => {
      for (const server of this.servers.values())
        if (server.definition === definition) this.#changed.fire(server);
    });
    this.onCatalogueChanged(({ server, kind }) => this.#announce(server, lists[kind].changed));
  }

  get servers(): ReadonlyMap<string, UpstreamServer> {
    return this.#servers;
  }

  /**
   * Applies a servers file. New servers start, and removed ones stop. A server whose process fields changed stops, and
   * another one starts. With other changes of a definition the process keeps running.
   */
  async apply(file: ServersFile, sources: ReadonlyMap<string, ServerSource> = new Map()): Promise<void> {
    this.#sources = sources;
    const before = this.#servers;
    const after = new Map<string, UpstreamServer>();
    const due: UpstreamServer[] = [];
    const work: Promise<void>[] = [];
    for (const [name, definition] of file.servers) {
      const known = before.get(name);
      const kept = known && processHash(known.definition) === processHash(definition) ? known : undefined;
      const server = kept ?? this.#create(name, definition);
      if (isDue(kept?.definition, definition)) due.push(server);
      if (kept) work.push(this.#redefine(kept, definition));
      after.set(name, server);
    }
    this.#configure(file.settings);
    const gone = [...before.values()].filter((server) => after.get(server.name) !== server);
    this.#servers = after;
    this.#all = undefined;
    this.#merged.clear();
    for (const server of gone) this.#forget(server);
    for (const server of due) this.#launch(server);
    this.#serversChanged.fire();
    await Promise.all([...work, ...gone.map(async (server) => server.stop())]);
  }

  /** The name of the server that has this very definition. Throws when it has another one by now. */
  nameOf(definition: ServerDefinition): string {
    for (const server of this.servers.values()) if (server.definition === definition) return server.name;
    throw new Error('The server was changed or removed while it was being started.');
  }

  /** Whether tools are found by search instead of listed. */
  get toolSearch(): boolean {
    return this.#settings.toolSearch;
  }

  #configure(settings: GatewaySettings): void {
    const { prefix, toolSearch } = this.#settings;
    this.#settings = settings;
    if (settings.prefix === prefix && settings.toolSearch === toolSearch) return;
    for (const server of this.#servers.values()) this.#announceAll(server);
  }

  /** A server without cached lists starts at once, because list requests wait for it. The others are queued. */
  #launch(server: UpstreamServer): void {
    if (!server.hasLists) void server.start();
    else if (server.definition.start === 'eager') this.#queue.add(server);
  }

  /** Sends `list_changed` when the new definition changes what clients can see. */
  async #redefine(server: UpstreamServer, definition: ServerDefinition): Promise<void> {
    if (JSON.stringify(server.definition) === JSON.stringify(definition)) return;
    if (!server.definition.enabled) this.#definedAt.set(server.name, Date.now());
    if (visibilityOf(server.definition) !== visibilityOf(definition)) this.#announceAll(server);
    await server.redefine(definition);
  }

  /** Restarts the active servers that refer to one of the variables. */
  restartUsing(variables: ReadonlySet<string>): void {
    for (const server of this.servers.values()) {
      const running = server.state !== 'idle' && server.state !== 'disabled';
      const refers = [...variablesIn(server.definition)].some((name) => variables.has(name));
      if (running && refers) void server.restart();
    }
  }

  #create(name: string, definition: ServerDefinition): UpstreamServer {
    const server = new UpstreamServer(name, definition, this.logFor(name), this.opener);
    const known = this.cache.load(name, definition);
    if (known) server.restore(known.handshake, known.catalogue);
    const subscriptions = new DisposableList();
    subscriptions.add(server.onChanged(() => this.#onChanged(server)));
    subscriptions.add(
      server.onDedicatedCatalogueChanged((kind) => this.#announce(server, lists[kind].changed)),
    );
    subscriptions.add(server.onNotification((note) => this.#notified.fire({ server, ...note })));
    subscriptions.add(
      server.onCatalogueChanged((kind) => {
        this.#merged.clear();
        this.#catalogueChanged.fire({ server, kind });
      }),
    );
    this.#subscriptions.set(server, subscriptions);
    this.#definedAt.set(name, Date.now());
    return server;
  }

  /** Removes a server and notifies clients that its entries are gone. */
  #forget(server: UpstreamServer): void {
    this.#subscriptions.get(server)?.dispose();
    this.#subscriptions.delete(server);
    this.#singles.delete(server.name);
    this.#queue.remove(server);
    if (!this.#servers.has(server.name)) this.#definedAt.delete(server.name);
    this.#announceAll(server);
  }

  #announceAll(server: UpstreamServer): void {
    for (const kind of listKinds)
      if (server.items[kind].length > 0) this.#catalogueChanged.fire({ server, kind });
  }

  #onChanged(server: UpstreamServer): void {
    this.#all = undefined;
    if (server.state !== 'idle') this.#queue.remove(server);
    if (server.state === 'ready') this.#keep(server);
    this.#sleep.check();
    this.#changed.fire(server);
  }

  #keep(server: UpstreamServer): void {
    const { handshake } = server;
    if (handshake && server.hasLists)
      this.cache.save(server.name, server.definition, { handshake, catalogue: server.items });
  }

  /** The scope of all enabled servers. It is the same object until a server is added, removed or switched. */
  get all(): Scope {
    this.#all ??= scopeOfAll([...this.servers.values()].filter((server) => server.state !== 'disabled'));
    return this.#all;
  }

  /** The scope of one server. It is the same object as long as the server is the same. */
  one(name: string): Scope | undefined {
    const server = this.servers.get(name);
    const known = this.#singles.get(name);
    if (!server || known?.servers[0] === server) return server && known;
    const scope = scopeOfOne(server);
    this.#singles.set(name, scope);
    return scope;
  }

  async stop(): Promise<void> {
    this.#sleep.dispose();
    this.#queue.dispose();
    await Promise.all([...this.servers.values()].map(async (server) => server.stop()));
    for (const subscriptions of this.#subscriptions.values()) subscriptions.dispose();
    await this.cache.flush();
  }

  get settled(): boolean {
    return this.#queue.size === 0 && [...this.servers.values()].every((server) => server.settled);
  }

  /**
   * Resolves when every server of the scope has settled or has had its time. A server is waited for until ten seconds
   * after its definition was received, so a server that hangs delays clients once, and not again.
   */
  async whenSettled(scope: Scope): Promise<void> {
    const now = Date.now();
    const awaited = scope.servers
      .map((server) => ({
        server,
        left: (server.since ?? this.#definedAt.get(server.name) ?? 0) + settleMs - now,
      }))
      .filter(({ server, left }) => left > 0 && !server.settled);
    await Promise.all(awaited.map(async ({ server, left }) => server.whenSettled(AbortSignal.timeout(left))));
  }

  /**
   * Resolves when a list request can be answered. It waits like {@link whenSettled}, but not for servers with cached lists.
   * It also waits for lists that a server has announced as changed, so that a client that called a tool which adds another
   * tool finds the new one.
   */
  async whenListable(scope: Scope): Promise<void> {
    await this.whenSettled({ ...scope, servers: scope.servers.filter((server) => !server.hasLists) });
    const behind = scope.servers.flatMap((server) => server.catchingUp ?? []);
    if (behind.length === 0) return;
    const aborter = new AbortController();
    const late = delay(settleMs, undefined, { signal: aborter.signal }).catch(() => undefined);
    await Promise.race([Promise.all(behind), late]);
    aborter.abort();
  }

  /** Starts the servers of a scope that wait for their start or have no lists yet. */
  startUnlisted(scope: Scope): void {
    for (const { name } of scope.servers) {
      const server = this.#servers.get(name);
      if (server?.state === 'idle' && (!server.hasLists || this.#queue.has(server))) void server.start();
    }
  }

  /** The report on one server. */
  report(server: UpstreamServer): RegisteredServerReport {
    const { definition, name } = server;
    const report = server.report();
    return {
      ...report,
      state: this.#queue.has(server) ? 'starting' : report.state,
      activity: report.state === 'starting' ? (this.opener.activity(definition) ?? null) : null,
      source: this.#sources.get(name) ?? 'file',
      disabledTools: definition.disabledTools,
    };
  }

  /** The problems of the merged lists. */
  get problems(): ApiProblem[] {
    for (const kind of listKinds) this.entries(this.all, kind);
    return this.#merged.problems;
  }

  /** The merged list, by exposed name. */
  entries(scope: Scope, kind: ListKind): ReadonlyMap<string, CatalogueEntry> {
    return this.#merged.entries(scope, kind, this.#settings.prefix);
  }

  /** The bytes of the result of a list request. */
  listBytes(scope: Scope, kind: ListKind): Buffer {
    return this.#merged.bytes(scope, kind, this.#settings.prefix);
  }

  #announce(server: UpstreamServer, method: string): void {
    const due = this.#pendingNotifications.get(server) ?? new Set();
    if (due.size === 0)
      queueMicrotask(() => {
        this.#pendingNotifications.delete(server);
        for (const one of due) this.#listChanged.fire({ server, method: one });
      });
    this.#pendingNotifications.set(server, due.add(method));
  }
}

/** Whether a server must be started: its definition is new, was disabled, or has another `start` than before. */
function isDue(before: ServerDefinition | undefined, { enabled, start }: ServerDefinition): boolean {
  return enabled && (before?.enabled !== true || before.start !== start);
}

/** The fields of a definition that decide which entries clients see, and under which names. */
function visibilityOf({ enabled, prefix, disabledTools, ...rest }: ServerDefinition): string {
  return JSON.stringify([enabled, prefix, disabledTools, rest.tools]);
}
