import path from 'node:path';
import * as v from 'valibot';
import { AppError } from '../../platform/errors';
import { guardSettings, type AcceptedValues } from '../../servers/guards';
import { StateFile } from '../state/state-file';
import type { StateProblems } from '../state/state-problems';

const values = v.record(v.string(), v.union([v.boolean(), v.number()]));
const schema = v.object({ version: v.literal(1), accepted: values });

/** The values of guards that a person accepted although they are looser than the defaults: `accepted-settings.json`. */
export class AcceptedSettings {
  readonly #file: StateFile<typeof schema>;
  #values: AcceptedValues = {};

  constructor(stateDir: string, problems: StateProblems) {
    this.#file = new StateFile(path.join(stateDir, 'accepted-settings.json'), schema, problems, {
      meaning: 'It says which loosened settings you accepted, so none is accepted now.',
      next: 'Accept them again: devcontainer-gateway settings accept',
    });
  }

  get values(): AcceptedValues {
    return this.#values;
  }

  async open(): Promise<void> {
    const state = await this.#file.read();
    if (state.found === 'yes') this.#values = state.value.accepted;
  }

  /** Adds values. Throws `invalid-value` for a setting that guards nothing, and `storage`. */
  async accept(given: unknown): Promise<void> {
    const parsed = v.safeParse(values, given);
    const unknown = parsed.success
      ? Object.keys(parsed.output).find((setting) => !guardSettings.includes(setting))
      : undefined;
    if (!parsed.success || unknown !== undefined)
      throw new AppError(
        'invalid-value',
        unknown === undefined
          ? 'The accepted values are not an object of settings with booleans or numbers.'
          : `"${unknown}" is not a setting that can be accepted.`,
        { next: `Send {"accepted":{…}} with some of: ${guardSettings.join(', ')}.` },
      );
    const accepted = { ...this.#values, ...parsed.output };
    await this.#file.write({ version: 1, accepted });
    this.#values = accepted;
    this.#file.problems.clear(this.#file.file);
  }
}
