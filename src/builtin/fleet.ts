import { DisposableList, Emitter } from '../platform/disposable';
import type { ServerDefinition, ServersFile } from '../servers/schema';
import { exposedName } from './names';
import { allows, seesServer, unrestricted, type Profile } from './profile';
import type { LogBuffer } from './log-buffer';
import { listKinds, readOnlyHint, type Item, type ListKind } from './upstream/catalogue';
import { UpstreamServer, type OpenChannel } from './upstream/server';

/** One entry of the merged catalogue: which server it comes from and what it is called here. */
export interface Exposed {
  server: UpstreamServer;
  item: Item;
  /** The prefixed name of a tool or prompt; resources and templates keep their own. */
  name: string;
}

/** The servers that an end point shows: all of them, or one without prefix. */
export interface Scope {
  key: string;
  servers: readonly UpstreamServer[];
  prefixed: boolean;
  /** What of it is shown. */
  profile: Profile;
}

/** The scope as a profile sees it. */
export function scopeFor(scope: Scope, profile: Profile): Scope {
  return { ...scope, profile, servers: scope.servers.filter(({ name }) => seesServer(profile, name)) };
}

const everything = unrestricted('gateway');

/** How long the first list waits for servers that are still starting; some clients list only once. */
const settleMs = 10_000;

/** All servers behind the gateway, and their merged catalogue. One that fails costs the others nothing. */
export class Fleet {
  readonly #changed = new Emitter<UpstreamServer>();
  readonly #catalogueChanged = new Emitter<{ server: UpstreamServer; kind: ListKind }>();
  readonly #notified = new Emitter<{ server: UpstreamServer; method: string; params: Buffer | undefined }>();
  readonly onChanged = this.#changed.event;
  readonly onCatalogueChanged = this.#catalogueChanged.event;
  readonly onNotification = this.#notified.event;
  readonly #merged = new Map<string, ReadonlyMap<string, Exposed>>();

  readonly #subscriptions = new Map<UpstreamServer, DisposableList>();
  readonly #listed = new Emitter<void>();
  /** A server was added, removed or replaced. */
  readonly onListed = this.#listed.event;
  #servers: ReadonlyMap<string, UpstreamServer> = new Map();

  constructor(
    readonly open: OpenChannel,
    readonly logFor: (server: string) => LogBuffer,
    readonly report: (problem: string) => void,
  ) {}

  get servers(): ReadonlyMap<string, UpstreamServer> {
    return this.#servers;
  }

  /** Takes over a servers file: what is new starts, what is gone stops, what has changed does both; the rest is left alone. */
  async apply(file: ServersFile): Promise<void> {
    const before = this.#servers;
    const after = new Map<string, UpstreamServer>();
    for (const [name, definition] of file.servers) {
      const known = before.get(name);
      const same = known && JSON.stringify(known.definition) === JSON.stringify(definition);
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
    return server;
  }

  /** Clients hear that what the server offered is gone. */
  #forget(server: UpstreamServer): void {
    this.#subscriptions.get(server)?.dispose();
    this.#subscriptions.delete(server);
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

  /** Resolves when every server of the scope has settled, at the latest after ten seconds. */
  async whenSettled(scope: Scope): Promise<void> {
    if (scope.servers.every((server) => server.settled)) return;
    const deadline = AbortSignal.timeout(settleMs);
    await Promise.all(scope.servers.map(async (server) => server.whenSettled(deadline)));
  }

  /** The merged list by exposed name, in the order of the file. Of two entries with one name the first is shown and the clash reported. */
  entries(scope: Scope, kind: ListKind): ReadonlyMap<string, Exposed> {
    const key = `${scope.key} ${kind} ${scope.profile.key}`;
    const known = this.#merged.get(key);
    if (known) return known;
    const seen = new Map<string, Exposed>();
    for (const server of scope.servers) {
      for (const item of visible(server, kind, scope.profile)) {
        const name = this.#nameOf(scope, server, kind, item);
        const first = seen.get(name);
        if (first)
          this.report(
            `"${name}" of server "${server.name}" is hidden: server "${first.server.name}" has one of the same name`,
          );
        else seen.set(name, { server, item, name });
      }
    }
    this.#merged.set(key, seen);
    return seen;
  }

  #nameOf(scope: Scope, server: UpstreamServer, kind: ListKind, item: Item): string {
    if (!scope.prefixed || kind === 'resources' || kind === 'resourceTemplates') return item.identity;
    return exposedName(server.name, item.identity, server.definition.prefix ?? 'always');
  }
}

function visible(server: UpstreamServer, kind: ListKind, profile: Profile): readonly Item[] {
  const items = switchedOn(server, kind);
  if (profile.key === '') return items;
  return items.filter((item) =>
    allows(profile, server.name, kind, item.identity, {
      readOnlyHint: profile.readOnly && readOnlyHint(item),
    }),
  );
}

function switchedOn(server: UpstreamServer, kind: ListKind): readonly Item[] {
  if (kind !== 'tools' || server.definition.type === 'rest') return server.items[kind];
  const { tools: allowed, disabledTools } = server.definition;
  return server.items.tools.filter(
    ({ identity }) => (!allowed || allowed.includes(identity)) && !disabledTools.includes(identity),
  );
}
