import { Emitter } from '../../../platform/disposable';
import { messageOf } from '../../../platform/errors';
import type { Item } from '../../upstream/lists/read-list';
import { differences, fingerprintOf, wholeHash, type WatchedField } from './fingerprint';
import { seenFile, type ChangeMark, type SeenTool } from './seen-file';
import type { StateProblems } from '../../state/state-problems';

/** With more tools than this, those that were seen longest ago are removed. */
const maximumTools = 20_000;

/** A tool whose definition has changed. */
export interface ToolChange {
  server: string;
  tool: string;
  since: string;
  /** The fields that differ from the last time. */
  fields: WatchedField[];
}

/**
 * Stores the definition of every tool across runs, and marks tools whose definition has changed until a person
 * acknowledges the change. A tool that was harmless when it was approved must not change unnoticed. A removed tool stays
 * in the file, so it is marked when it returns with another definition.
 */
export class ToolChanges {
  readonly #changed = new Emitter<ToolChange>();
  readonly onChanged = this.#changed.event;
  readonly #acknowledged = new Emitter<{ server: string; tool: string }>();
  readonly onAcknowledged = this.#acknowledged.event;
  /** By server and tool. The most recently seen tools are at the end. */
  #tools = new Map<string, SeenTool>();
  readonly #observed = new WeakSet<readonly Item[]>();
  #writing: Promise<void> = Promise.resolve();

  constructor(
    readonly file: string,
    readonly host: { report(problem: string): void; problems: StateProblems },
  ) {}

  /** Reads the tools of earlier runs. Never rejects: without the file every tool counts as new. */
  async open(): Promise<void> {
    const tools = await seenFile(this.file, this.host.problems).read();
    if (tools.found === 'yes')
      this.#tools = new Map(tools.value.tools.map((tool) => [keyOf(tool.server, tool.tool), tool]));
  }

  /** Compares the current tools of a server with the stored ones. */
  observe(server: string, items: readonly Item[]): void {
    if (this.#observed.has(items)) return;
    this.#observed.add(items);
    // When two tools have the same name, clients see the first one.
    const tools = new Map([...items].reverse().map((item) => [item.identity, item]));
    const news = [...tools.values()].filter((item) => this.#observeOne(server, item));
    if (news.length > 0) this.#save();
  }

  markOf(server: string, tool: string): ChangeMark | undefined {
    return this.#tools.get(keyOf(server, tool))?.changed;
  }

  /** Records that a person has seen the change. Resolves when that is saved; `false` when there was no change. */
  async acknowledge(server: string, tool: string): Promise<boolean> {
    const known = this.#tools.get(keyOf(server, tool));
    if (!known?.changed) return false;
    this.#tools.set(keyOf(server, tool), { server, tool, seen: known.seen });
    this.#save();
    this.#acknowledged.fire({ server, tool });
    await this.flush();
    return true;
  }

  /** Resolves when all changes are on disk. */
  async flush(): Promise<void> {
    await this.#writing;
  }

  /** Returns whether there is something new to save. */
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
      this.host.report(
        `The tool "${tool}" of the server "${server}" has changed since it was last seen: ${fields.join(', ')}.`,
      );
      this.#changed.fire({ server, tool, since, fields });
    }
    return true;
  }

  /** Writes run one after the other. The last one contains everything. */
  #save(): void {
    this.#tools = new Map([...this.#tools].slice(-maximumTools));
    this.#writing = this.#writing
      .then(async () =>
        seenFile(this.file, this.host.problems).write({ version: 1, tools: [...this.#tools.values()] }, 0),
      )
      .catch((error: unknown) => this.host.report(messageOf(error)));
  }
}

function keyOf(server: string, tool: string): string {
  return `${server}/${tool}`;
}
