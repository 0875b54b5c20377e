import { Emitter } from '../../../platform/disposable';
import { readList, type Item, type ListSource } from './read-list';
import { listKinds, lists, type ListKind } from '../../../mcp-wire/lists';

/** The four lists of a server. */
export type ServerLists = Readonly<Record<ListKind, readonly Item[]>>;

/** The lists of one server as they were read last; they outlive a source, so that a restart renames nothing. */
export class Listings {
  readonly items: Record<ListKind, readonly Item[]> = {
    tools: [],
    prompts: [],
    resources: [],
    resourceTemplates: [],
  };
  readonly #changed = new Emitter<ListKind>();
  /** Lists that share a notification fire together, when none of them is being read any more. */
  readonly onChanged = this.#changed.event;
  readonly #changedKinds = new Set<ListKind>();
  readonly #stale = new Set<ListKind>();
  readonly #reading = new Map<ListKind, Promise<void>>();
  readonly #loaded = new Set<ListKind>();

  /** Whether every list has been read, or was restored from an earlier run. */
  get complete(): boolean {
    return this.#loaded.size === listKinds.length;
  }

  /** Restores the lists of an earlier run, without an event. */
  restore(catalogue: ServerLists): void {
    Object.assign(this.items, catalogue);
    for (const kind of listKinds) this.#loaded.add(kind);
  }

  /**
   * Reads a list. When it is called several times at once, the first call reads, and reads once more at the end. So
   * responses cannot overtake each other, and a server that announces many changes is not flooded with requests.
   */
  async read(
    kind: ListKind,
    source: ListSource,
    capabilities: ReadonlySet<string>,
    signal: AbortSignal,
  ): Promise<void> {
    this.#stale.add(kind);
    const reading =
      this.#reading.get(kind) ??
      this.#readWhileStale(kind, source, capabilities, signal).finally(() => {
        this.#reading.delete(kind);
        this.#fireChanged(kind);
      });
    this.#reading.set(kind, reading);
    await reading;
  }

  /** The server announced that the list has changed. Clients are notified after it was read, even if it is the same. */
  announce(kind: ListKind): void {
    this.#changedKinds.add(kind);
  }

  /** Resolves when the lists that the server announced as changed have been read. `undefined` when there are none. */
  get catchingUp(): Promise<unknown> | undefined {
    const announced = [...this.#reading].filter(([kind]) => this.#changedKinds.has(kind));
    return announced.length === 0 ? undefined : Promise.allSettled(announced.map(([, reading]) => reading));
  }

  async #readWhileStale(
    kind: ListKind,
    source: ListSource,
    capabilities: ReadonlySet<string>,
    signal: AbortSignal,
  ): Promise<void> {
    while (this.#stale.delete(kind)) {
      const offered = capabilities.has(lists[kind].capability);
      this.#take(kind, offered ? await readList(source, kind, signal) : []);
    }
  }

  #take(kind: ListKind, items: readonly Item[]): void {
    this.#loaded.add(kind);
    const before = this.items[kind];
    const same =
      before.length === items.length &&
      items.every((item, i) => before[i]?.bytes.equals(item.bytes) === true);
    if (same) return;
    this.items[kind] = items;
    this.#changedKinds.add(kind);
  }

  #fireChanged(kind: ListKind): void {
    const together = listKinds.filter((other) => lists[other].changed === lists[kind].changed);
    if (together.some((other) => this.#reading.has(other))) return;
    for (const other of together) if (this.#changedKinds.delete(other)) this.#changed.fire(other);
  }
}
