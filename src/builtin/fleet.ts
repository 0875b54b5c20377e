import { DisposableList, Emitter } from '../platform/disposable';
import type { ServersFile } from '../servers/schema';
import { exposedName } from './names';
import type { LogBuffer } from './log-buffer';
import type { Item, ListKind } from './upstream/catalogue';
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
}

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
  readonly #subscriptions = new DisposableList();
  readonly #merged = new Map<string, ReadonlyMap<string, Exposed>>();
  readonly servers = new Map<string, UpstreamServer>();

  constructor(
    file: ServersFile,
    open: OpenChannel,
    readonly logFor: (server: string) => LogBuffer,
    readonly report: (problem: string) => void,
  ) {
    for (const [name, definition] of file.servers) {
      const server = new UpstreamServer(name, definition, logFor(name), open);
      this.servers.set(name, server);
      this.#subscriptions.add(server.onChanged(() => this.#changed.fire(server)));
      this.#subscriptions.add(server.onNotification((note) => this.#notified.fire({ server, ...note })));
      this.#subscriptions.add(
        server.onCatalogueChanged((kind) => {
          this.#merged.clear();
          this.#catalogueChanged.fire({ server, kind });
        }),
      );
    }
  }

  get all(): Scope {
    return {
      key: '*',
      servers: [...this.servers.values()].filter((server) => server.state !== 'disabled'),
      prefixed: true,
    };
  }

  one(name: string): Scope | undefined {
    const server = this.servers.get(name);
    return server && { key: name, servers: [server], prefixed: false };
  }

  start(): void {
    for (const server of this.servers.values()) if (server.definition.start === 'eager') void server.start();
  }

  async stop(): Promise<void> {
    await Promise.all([...this.servers.values()].map(async (server) => server.stop()));
    this.#subscriptions.dispose();
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
    const key = `${scope.key} ${kind}`;
    const known = this.#merged.get(key);
    if (known) return known;
    const seen = new Map<string, Exposed>();
    for (const server of scope.servers) {
      for (const item of visible(server, kind)) {
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

function visible(server: UpstreamServer, kind: ListKind): readonly Item[] {
  if (kind !== 'tools' || server.definition.type === 'rest') return server.items[kind];
  const { tools: allowed, disabledTools } = server.definition;
  return server.items.tools.filter(
    ({ identity }) => (!allowed || allowed.includes(identity)) && !disabledTools.includes(identity),
  );
}
