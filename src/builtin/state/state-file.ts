import * as v from 'valibot';
import { messageOf } from '../../platform/errors';
import { readTextIfExists, writeFileAtomic } from '../../platform/files';
import { sentence } from '../../platform/sentence';
import { nextFields } from '../../servers/api-types';
import { keepAside } from './damaged-file';
import type { StateProblems } from './state-problems';
import { stored } from './storage-error';

/** What a damaged file means: sentences about what is lost and what holds until then, and the next step. */
export interface DamageWords {
  meaning: string;
  next: Parameters<typeof nextFields>[0];
}

/** What reading showed. */
export type ReadState<T> = { found: 'no' } | { found: 'yes'; value: T } | { found: 'damaged' };

/**
 * A JSON file of the state folder that guards something. A damaged file is kept under another name and listed among the
 * problems; its reader decides what holds without it.
 */
export class StateFile<Schema extends v.GenericSchema> {
  constructor(
    readonly file: string,
    readonly schema: Schema,
    readonly problems: StateProblems,
    readonly words: DamageWords,
  ) {}

  /** Never throws for a file that cannot be read or parsed. */
  async read(): Promise<ReadState<v.InferOutput<Schema>>> {
    try {
      const text = await readTextIfExists(this.file);
      if (text === undefined) return { found: 'no' };
      return { found: 'yes', value: v.parse(this.schema, JSON.parse(text)) };
    } catch (error) {
      await this.#damaged(error);
      return { found: 'damaged' };
    }
  }

  /** Replaces the file. Throws `storage`, which names the file and the disk. */
  async write(value: v.InferInput<Schema>, indent = 2): Promise<void> {
    const text = `${JSON.stringify(value, undefined, indent)}\n`;
    await stored(this.file, writeFileAtomic(this.file, text, { mode: 0o600 }));
  }

  async #damaged(error: unknown): Promise<void> {
    const kept = await keepAside(this.file).then(
      (aside) => `It was kept as ${aside}.`,
      () => 'It was left where it is.',
    );
    const message = `${sentence(`The file ${this.file} is damaged: ${messageOf(error)}`)} ${this.words.meaning} ${kept}`;
    this.problems.set(this.file, { message, ...nextFields(this.words.next) });
  }
}
