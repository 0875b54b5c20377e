import * as v from 'valibot';
import { readTextIfExists, writeFileAtomic } from '../../../platform/files';
import { sentence } from '../../../platform/sentence';
import { processHash } from '../../../servers/process-fields';
import type { ServerDefinition } from '../../../servers/schema';

const dayMs = 24 * 60 * 60 * 1000;

/** How long a verdict is valid. A verdict from silence is checked again sooner, because the server may have been slow. */
const lifetimesMs = { answered: 7 * dayMs, silent: dayMs };

const schema = v.record(
  v.string(),
  v.object({
    era: v.picklist(['legacy', 'modern']),
    basis: v.picklist(['answered', 'silent']),
    asked: v.pipe(v.string(), v.isoTimestamp()),
  }),
);

type Entries = v.InferOutput<typeof schema>;
export type EraVerdict = Omit<Entries[string], 'asked'>;

/** The detected era of each server, in a JSON file that is read once. When it cannot be read, the cache is empty. */
export class EraCache {
  #entries: Promise<Entries> | undefined;
  #writing: Promise<void> = Promise.resolve();

  constructor(
    readonly file: string,
    readonly report: (problem: string) => void,
    readonly now: () => number = Date.now,
  ) {}

  /** The verdict for a definition. `undefined` when there is none or it has expired. */
  async get(definition: ServerDefinition): Promise<EraVerdict | undefined> {
    const entry = (await this.#load())[processHash(definition)];
    return entry && this.#isFresh(entry) ? { era: entry.era, basis: entry.basis } : undefined;
  }

  async set(definition: ServerDefinition, verdict: EraVerdict): Promise<void> {
    const entries = await this.#load();
    entries[processHash(definition)] = { ...verdict, asked: new Date(this.now()).toISOString() };
    await this.#save(entries);
  }

  #isFresh(entry: Entries[string]): boolean {
    const age = this.now() - Date.parse(entry.asked);
    return age >= 0 && age < lifetimesMs[entry.basis];
  }

  async #load(): Promise<Entries> {
    this.#entries ??= this.#read();
    return await this.#entries;
  }

  async #read(): Promise<Entries> {
    try {
      const text = await readTextIfExists(this.file);
      return text === undefined ? {} : v.parse(schema, JSON.parse(text));
    } catch (error) {
      this.report(
        sentence(
          `The file ${this.file} could not be read, so the era of every server is detected again: ${String(error)}`,
        ),
      );
      return {};
    }
  }

  /** Writes run one after the other. The last one contains everything. */
  async #save(entries: Entries): Promise<void> {
    const fresh = Object.fromEntries(Object.entries(entries).filter(([, entry]) => this.#isFresh(entry)));
    this.#writing = this.#writing
      .then(async () =>
        writeFileAtomic(this.file, `${JSON.stringify(fresh, undefined, 2)}\n`, { mode: 0o600 }),
      )
      .catch((error: unknown) =>
        this.report(sentence(`The file ${this.file} could not be written: ${String(error)}`)),
      );
    await this.#writing;
  }
}
