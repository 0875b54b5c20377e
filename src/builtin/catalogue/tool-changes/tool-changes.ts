import { Emitter } from '../../../platform/disposable';
import { messageOf } from '../../../platform/errors';
import type { Item } from '../../upstream/server/catalogue';
import { differences, fingerprintOf, wholeHash, type WatchedField } from './fingerprint';
import { readSeenTools, writeSeenTools, type ChangeMark, type SeenTool } from './seen-file';

/** Beyond this the tools that were seen longest ago are forgotten. */
const maximumTools = 20_000;

/** A tool that is not what it was. */
export interface ToolChange {
  server: string;
  tool: string;
  since: string;
  /** What differs now from the last time. */
  fields: WatchedField[];
}

/**
 * Remembers from run to run what every tool said of itself, and marks those that say something else, until a person has
 * acknowledged it: a tool that was harmless when it was approved must not become another unnoticed. A tool that is gone
 * stays remembered, so one that comes back different is marked too.
 */
export class ToolChanges {
  readonly #changed = new Emitter<ToolChange>();
  readonly onChanged = this.#changed.event;
  readonly #acknowledged = new Emitter<{ server: string; tool: string }>();
  readonly onAcknowledged = this.#acknowledged.event;
  /** By server and tool, those seen last at the end. */
  #tools = new Map<string, SeenTool>();
  readonly #observed = new WeakSet<readonly Item[]>();
  #writing: Promise<void> = Promise.resolve();

  constructor(
    readonly file: string,
    readonly report: (problem: string) => void,
  ) {}

  /** Reads what was seen in earlier runs. Never rejects: without it every tool is seen for the first time. */
  async open(): Promise<void> {
    try {
      const tools = await readSeenTools(this.file);
      this.#tools = new Map(tools.map((tool) => [keyOf(tool.server, tool.tool), tool]));
    } catch (error) {
      this.report(`${this.file} cannot be used, so no tool is known from before: ${messageOf(error)}`);
    }
  }

  /** Looks at the tools of a server as it lists them now. */
  observe(server: string, items: readonly Item[]): void {
    if (this.#observed.has(items)) return;
    this.#observed.add(items);
    // Of two tools with one name clients see the first.
    const tools = new Map([...items].reverse().map((item) => [item.identity, item]));
    const news = [...tools.values()].filter((item) => this.#observeOne(server, item));
    if (news.length > 0) this.#save();
  }

  markOf(server: string, tool: string): ChangeMark | undefined {
    return this.#tools.get(keyOf(server, tool))?.changed;
  }

  /** A person has seen the change. Resolves when that is kept, with whether there was one. */
  async acknowledge(server: string, tool: string): Promise<boolean> {
    const known = this.#tools.get(keyOf(server, tool));
    if (!known?.changed) return false;
    this.#tools.set(keyOf(server, tool), { server, tool, seen: known.seen });
    this.#save();
    this.#acknowledged.fire({ server, tool });
    await this.flush();
    return true;
  }

  /** Resolves when everything is on disk. */
  async flush(): Promise<void> {
    await this.#writing;
  }

  /** Returns whether there is something new to remember. */
  #observeOne(server: string, item: Item): boolean {
    const tool = item.identity;
    const key = keyOf(server, tool);
    const known = this.#tools.get(key);
    if (known?.seen.whole === wholeHash(item)) return false;
    const seen = fingerprintOf(item);
    const fields = known ? differences(known.seen, seen) : [];
    const since = known?.changed?.since ?? new Date().toISOString();
    const before = known?.changed?.fields ?? [];
    const changed =
      fields.length > 0 ? { since, fields: [...new Set([...before, ...fields])] } : known?.changed;
    this.#tools.delete(key);
    this.#tools.set(key, { server, tool, seen, ...(changed ? { changed } : {}) });
    if (fields.length > 0) {
      this.report(
        `the tool "${tool}" of server "${server}" has changed since it was last seen: ${fields.join(', ')}`,
      );
      this.#changed.fire({ server, tool, since, fields });
    }
    return true;
  }

  /** One write after the other; the last one holds everything. */
  #save(): void {
    this.#tools = new Map([...this.#tools].slice(-maximumTools));
    this.#writing = this.#writing
      .then(async () => writeSeenTools(this.file, [...this.#tools.values()]))
      .catch((error: unknown) => this.report(`${this.file} could not be written: ${messageOf(error)}`));
  }
}

function keyOf(server: string, tool: string): string {
  return `${server}/${tool}`;
}
