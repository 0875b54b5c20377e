import { nextFields, type ApiProblem } from '../../servers/api-types';
import { showsTool } from '../config/merge';
import { exposedName, type Prefix } from './names';
import { allows, type Profile } from '../tokens/profile';
import type { Scope } from './scope';
import { readOnlyHint, type Item } from '../upstream/lists/read-list';
import { lists, type ListKind } from '../../mcp-wire/lists';
import type { ServerHandle } from '../upstream/server/handle';
import { splice } from '../../mcp-wire/envelope';
import { joined } from '../../mcp-wire/params';

/** One entry of the merged catalogue: its server, its definition and its exposed name. */
export interface CatalogueEntry {
  server: ServerHandle;
  item: Item;
  /** The exposed name. Tools and prompts may have a prefix; resources and templates keep their URI. */
  name: string;
}

/** Merges the lists of the servers of a scope, and caches them until {@link clear}: by name, and as bytes of a result. */
export class MergedCatalogue {
  readonly #entries = new Map<string, ReadonlyMap<string, CatalogueEntry>>();
  readonly #bytes = new Map<string, Buffer>();
  readonly #problems = new Map<string, ApiProblem>();

  /** `report` receives each problem once. */
  constructor(readonly report: (problem: string) => void) {}

  /** The problems of the lists that were merged so far. */
  get problems(): ApiProblem[] {
    return [...new Map([...this.#problems.values()].map((problem) => [problem.message, problem])).values()];
  }

  clear(): void {
    this.#entries.clear();
    this.#bytes.clear();
  }

  /** The merged list by exposed name, in the order of the servers. When names clash, the first entry is shown. */
  entries(scope: Scope, kind: ListKind, prefix: Prefix): ReadonlyMap<string, CatalogueEntry> {
    const key = keyOf(scope, kind);
    const known = scope.shared ? this.#entries.get(key) : undefined;
    if (known) return known;
    const seen = new Map<string, CatalogueEntry>();
    const clashes = new Map<string, ApiProblem>();
    for (const server of scope.servers) {
      for (const item of visible(server, kind, scope.profile)) {
        const name = nameOf(scope, server, kind, item, prefix);
        const first = seen.get(name);
        if (first) clashes.set(`${key} ${name} ${server.name}`, clash(kind, name, first.server, server));
        else seen.set(name, { server, item, name });
      }
    }
    if (!scope.shared) return seen;
    this.#entries.set(key, seen);
    this.#takeProblems(`${key} `, clashes);
    return seen;
  }

  /** The bytes of the result of a list request: `{"tools":[…]}`. */
  bytes(scope: Scope, kind: ListKind, prefix: Prefix): Buffer {
    const key = keyOf(scope, kind);
    const known = scope.shared ? this.#bytes.get(key) : undefined;
    if (known) return known;
    const entries = [...this.entries(scope, kind, prefix).values()].map(entryBytes);
    const bytes = Buffer.concat([
      Buffer.from(`{"${lists[kind].key}":[`),
      ...joined(entries),
      Buffer.from(']}'),
    ]);
    if (scope.shared) this.#bytes.set(key, bytes);
    return bytes;
  }

  #takeProblems(of: string, now: ReadonlyMap<string, ApiProblem>): void {
    for (const key of [...this.#problems.keys()])
      if (key.startsWith(of) && !now.has(key)) this.#problems.delete(key);
    for (const [key, problem] of now) {
      const told = [...this.#problems.values()].some(({ message }) => message === problem.message);
      if (!told) this.report(problem.message);
      this.#problems.set(key, problem);
    }
  }
}

function keyOf(scope: Scope, kind: ListKind): string {
  return `${scope.key} ${kind} ${scope.profile.key}`;
}

function nameOf(scope: Scope, server: ServerHandle, kind: ListKind, item: Item, prefix: Prefix): string {
  if (!scope.prefixed || kind === 'resources' || kind === 'resourceTemplates') return item.identity;
  return exposedName(server.name, item.identity, server.definition.prefix ?? prefix);
}

const nouns: Readonly<Record<ListKind, string>> = {
  tools: 'tool',
  prompts: 'prompt',
  resources: 'resource',
  resourceTemplates: 'resource template',
};

function clash(kind: ListKind, name: string, shown: ServerHandle, hidden: ServerHandle): ApiProblem {
  const named = kind === 'tools' || kind === 'prompts';
  const next = named
    ? `Give one of them another name: "prefix": "always" on a server puts its name in front.`
    : `It can be reached at /servers/${hidden.name}/mcp.`;
  const owner = shown === hidden ? 'that server' : `the server "${shown.name}"`;
  return {
    message: `The ${nouns[kind]} "${name}" of the server "${hidden.name}" is hidden, because ${owner} has one with the same name.`,
    ...nextFields(next),
  };
}

function visible(server: ServerHandle, kind: ListKind, profile: Profile): readonly Item[] {
  const items = switchedOn(server, kind);
  if (profile.key === '') return items;
  return items.filter((item) =>
    allows(profile, server.name, kind, item.identity, {
      readOnlyHint: profile.readOnly && readOnlyHint(item),
    }),
  );
}

function switchedOn(server: ServerHandle, kind: ListKind): readonly Item[] {
  if (!server.definition.enabled) return [];
  if (kind !== 'tools') return server.items[kind];
  return server.items.tools.filter(({ identity }) => showsTool(server.definition, identity));
}

/** The definition of an entry with its exposed name. Every other byte is unchanged. */
export function entryBytes({ item, name }: CatalogueEntry): Buffer {
  if (name === item.identity) return item.bytes;
  return splice(item.bytes, { start: 0, end: item.bytes.length }, [
    { ...item.at, replacement: JSON.stringify(name) },
  ]);
}
