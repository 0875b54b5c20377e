import { Emitter } from '../../platform/disposable';
import { lists, readList, type Item, type ListKind } from './catalogue';
import type { Peer } from './peer';

/** The lists of one server as they were read last; they outlive a connection, so that a restart renames nothing. */
export class Listings {
  readonly items: Record<ListKind, readonly Item[]> = {
    tools: [],
    prompts: [],
    resources: [],
    resourceTemplates: [],
  };
  readonly #changed = new Emitter<ListKind>();
  readonly onChanged = this.#changed.event;
  readonly #stale = new Set<ListKind>();
  readonly #reading = new Map<ListKind, Promise<void>>();

  /**
   * Reads a list. Of several calls at once the first one reads, and once more when another came meanwhile: answers can
   * not overtake each other, and a server that announces change after change is not flooded with requests.
   */
  async read(
    kind: ListKind,
    peer: Peer,
    capabilities: ReadonlySet<string>,
    signal: AbortSignal,
  ): Promise<void> {
    this.#stale.add(kind);
    const reading =
      this.#reading.get(kind) ??
      this.#readWhileStale(kind, peer, capabilities, signal).finally(() => this.#reading.delete(kind));
    this.#reading.set(kind, reading);
    await reading;
  }

  async #readWhileStale(
    kind: ListKind,
    peer: Peer,
    capabilities: ReadonlySet<string>,
    signal: AbortSignal,
  ): Promise<void> {
    while (this.#stale.delete(kind)) {
      const offered = capabilities.has(lists[kind].capability);
      this.#take(kind, offered ? await readList(peer, kind, signal) : []);
    }
  }

  #take(kind: ListKind, items: readonly Item[]): void {
    const before = this.items[kind];
    const same =
      before.length === items.length &&
      items.every((item, i) => before[i]?.bytes.equals(item.bytes) === true);
    if (same) return;
    this.items[kind] = items;
    this.#changed.fire(kind);
  }
}
