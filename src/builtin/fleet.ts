import { DisposableList, Emitter } from '../platform/disposable';
import type { ServerDefinition, ServersFile } from '../servers/schema';
import type { LogBuffer } from './log-buffer';
import { MergedCatalogue, type CatalogueProblem, type Exposed, type Scope } from './merged-catalogue';
import { seesServer, unrestricted, type Profile } from './profile';
import { listKinds, lists, type ListKind } from './upstream/catalogue';
import { UpstreamServer, type OpenChannel, type ServerReport } from './upstream/server';

export type { Exposed, Scope } from './merged-catalogue';

/** The scope as a profile sees it. */
export function scopeFor(scope: Scope, profile: Profile): Scope {
  return { ...scope, profile, servers: scope.servers.filter(({ name }) => seesServer(profile, name)) };
}

const everything = unrestricted('gateway');

/** How long lists wait for a server that starts for the first time; some clients list only once. */
const settleMs = 10_000;

/** All servers behind the gateway, and their merged catalogue. One that fails costs the others nothing. */
export class Fleet {
  readonly #changed = new Emitter<UpstreamServer>();
  readonly #catalogueChanged = new Emitter<{ server: UpstreamServer; kind: ListKind }>();
  readonly #notified = new Emitter<{ server: UpstreamServer; method: string; params: Buffer | undefined }>();
  readonly onChanged = this.#changed.event;
  readonly onCatalogueChanged = this.#catalogueChanged.event;
  readonly onNotification = this.#notified.event;
  readonly #listChanged = new Emitter<{ server: UpstreamServer; method: string }>();
  /** The notification that tells clients that lists of a server differ, once however many of them it speaks for. */
  readonly onListChanged = this.#listChanged.event;
  readonly #due = new Map<UpstreamServer, Set<string>>();
  readonly #merged: MergedCatalogue;

  /** When the definition of a server came, in milliseconds since 1970. */
  readonly #since = new Map<UpstreamServer, number>();
  readonly #subscriptions = new Map<UpstreamServer, DisposableList>();
  readonly #listed = new Emitter<void>();
  /** A server was added, removed or replaced. */
  readonly onListed = this.#listed.event;
  #servers: ReadonlyMap<string, UpstreamServer> = new Map();

  constructor(
    readonly open: OpenChannel,
    readonly logFor: (server: string) => LogBuffer,
    report: (problem: string) => void,
  ) {
    this.#merged = new MergedCatalogue(report);
    this.onCatalogueChanged(({ server, kind }) => this.#announce(server, lists[kind].changed));
  }

  get servers(): ReadonlyMap<string, UpstreamServer> {
    return this.#servers;
  }

  /** Takes over a servers file: what is new starts, what is gone stops, what has changed does both; the rest is left alone. */
  async apply(file: ServersFile): Promise<void> {
    const before = this.#servers;
    const after = new Map<string, UpstreamServer>();
    for (const [name, definition] of file.servers) {
      const known = before.get(name);
      const same = known && asRun(known.definition) === asRun(definition);
      after.set(name, same ? known : this.#create(name, definition));
    }
    const gone = [...before.values()].filter((server) => after.get(server.name) !== server);
    this.#servers = after;
    this.#merged.clear();
    for (const server of gone) this.#forget(server);
    for (const server of after.values()) {
      if (before.get(server.name) !== server && server.definition.start === 'eager') void server.start();
    }
    this.#listed.fire();
    await Promise.all(gone.map(async (server) => server.stop()));
  }

  #create(name: string, definition: ServerDefinition): UpstreamServer {
    const server = new UpstreamServer(name, definition, this.logFor(name), this.open);
    const subscriptions = new DisposableList();
    subscriptions.add(server.onChanged(() => this.#changed.fire(server)));
    subscriptions.add(server.onNotification((note) => this.#notified.fire({ server, ...note })));
    subscriptions.add(
      server.onCatalogueChanged((kind) => {
        this.#merged.clear();
        this.#catalogueChanged.fire({ server, kind });
      }),
    );
    this.#subscriptions.set(server, subscriptions);
    this.#since.set(server, Date.now());
    return server;
  }

  /** Clients hear that what the server offered is gone. */
  #forget(server: UpstreamServer): void {
    this.#subscriptions.get(server)?.dispose();
    this.#subscriptions.delete(server);
    this.#since.delete(server);
    for (const kind of listKinds)
      if (server.items[kind].length > 0) this.#catalogueChanged.fire({ server, kind });
  }

  get all(): Scope {
    return {
      key: '*',
      servers: [...this.servers.values()].filter((server) => server.state !== 'disabled'),
      prefixed: true,
      profile: everything,
    };
  }

  one(name: string): Scope | undefined {
    const server = this.servers.get(name);
    return server && { key: name, servers: [server], prefixed: false, profile: everything };
  }

  async stop(): Promise<void> {
    await Promise.all([...this.servers.values()].map(async (server) => server.stop()));
    for (const subscriptions of this.#subscriptions.values()) subscriptions.dispose();
  }

  get settled(): boolean {
    return [...this.servers.values()].every((server) => server.settled);
  }

  /**
   * Resolves when every server of the scope has settled or has had its time: a server is waited for until ten seconds
   * after its definition came, so one that hangs costs those ten seconds once and nothing from then on.
   */
  async whenSettled(scope: Scope): Promise<void> {
    const now = Date.now();
    const awaited = scope.servers
      .map((server) => ({ server, left: (this.#since.get(server) ?? 0) + settleMs - now }))
      .filter(({ server, left }) => left > 0 && !server.settled);
    await Promise.all(awaited.map(async ({ server, left }) => server.whenSettled(AbortSignal.timeout(left))));
  }

  /** Resolves when a list can be answered: as {@link whenSettled}, without the servers whose lists are known. */
  async whenListable(scope: Scope): Promise<void> {
    await this.whenSettled({ ...scope, servers: scope.servers.filter((server) => !server.known) });
  }

  /** Starts the servers of a scope that have no process, and of which nothing is known. */
  learn(scope: Scope): void {
    for (const server of scope.servers) if (server.state === 'idle' && !server.known) void server.start();
  }

  /** What the gateway tells about one server. */
  report(server: UpstreamServer): ServerReport {
    return server.report();
  }

  /** What is wrong with the merged lists. */
  get problems(): CatalogueProblem[] {
    return this.#merged.problems;
  }

  /** The merged list by exposed name. */
  entries(scope: Scope, kind: ListKind): ReadonlyMap<string, Exposed> {
    return this.#merged.entries(scope, kind, 'always');
  }

  /** The bytes of the result of a list request. */
  listBytes(scope: Scope, kind: ListKind): Buffer {
    return this.#merged.bytes(scope, kind, 'always');
  }

  #announce(server: UpstreamServer, method: string): void {
    const due = this.#due.get(server) ?? new Set();
    if (due.size === 0)
      queueMicrotask(() => {
        this.#due.delete(server);
        for (const one of due) this.#listChanged.fire({ server, method: one });
      });
    this.#due.set(server, due.add(method));
  }
}

/** What of a definition its process and connection depend on; limits of calls apply to a server that runs on. */
function asRun(definition: ServerDefinition): string {
  return JSON.stringify({ ...definition, rateLimit: undefined, concurrency: undefined });
}
