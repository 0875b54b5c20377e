import path from 'node:path';
import { AppError, messageOf } from '../../platform/errors';
import { readTextIfExists, writeFileAtomic } from '../../platform/files';
import { sentence } from '../../platform/sentence';
import { isLineValue, parseVariables, variableName, withVariable } from '../../servers/variables-file';
import { FileFollower, fingerprint } from './file-follower';
import { step } from '../../platform/next-step';
import { nextFields } from '../../servers/api-types';
import type { StateProblems } from '../state/state-problems';
import { stored } from '../state/storage-error';

export interface SecretsHost {
  /** Receives every value, so that it is kept out of logs. */
  seen(value: string): void;
  report(problem: string): void;
  problems: StateProblems;
  /** The values of these names have changed or were removed. */
  onChanged(names: ReadonlySet<string>): void;
}

/**
 * The variables in a file of the gateway's state folder, one `NAME=value` per line. The file is watched for changes. When
 * it cannot be read, the last good values stay in use.
 */
export class Secrets {
  #values: ReadonlyMap<string, string> = new Map();
  #seen = '';
  #follower: FileFollower | undefined;
  /** Reads and changes run one after the other. */
  #turn: Promise<unknown> = Promise.resolve();

  constructor(
    readonly file: string,
    readonly host: SecretsHost,
  ) {}

  get names(): readonly string[] {
    return [...this.#values.keys()];
  }

  lookup(name: string): string | undefined {
    return this.#values.get(name);
  }

  /** Reads the file for the first time and watches it from then on. */
  async open(): Promise<void> {
    await this.#read();
    const check = async (): Promise<void> => await this.#check();
    this.#follower = new FileFollower(path.dirname(this.file), () => void this.#inTurn(check));
  }

  dispose(): void {
    this.#follower?.dispose();
  }

  /** Writes a value into the file and applies it. Throws `invalid-value`, `conflict` for a file that cannot be read, and `storage`. */
  async set(name: string, value: string): Promise<void> {
    if (!variableName.test(name))
      throw new AppError(
        'invalid-value',
        `The name "${name}" is not valid for a secret. It must have letters, digits and "_" only, and must not start with a digit.`,
        {
          next: 'Use the name from ${NAME} in servers.json.',
        },
      );
    if (!isLineValue(value))
      throw new AppError(
        'invalid-value',
        `The value of ${name} is empty, or contains a line break or a NUL.`,
        {
          next: 'Send one line; what has more is written as a file and named by its path.',
        },
      );
    await this.#change((text) => withVariable(text, name, value));
  }

  /** Removes a value from the file. Throws `not-found`, and `conflict` for a file that cannot be read. */
  async remove(name: string): Promise<void> {
    await this.#change((text) => {
      if (parseVariables(text).has(name)) return withVariable(text, name, undefined);
      throw new AppError('not-found', `There is no secret "${name}".`, {
        next: step('List the secrets.', 'secret ls'),
      });
    });
  }

  async #change(edit: (text: string) => string): Promise<void> {
    await this.#inTurn(async () => {
      const text = await readTextIfExists(this.file).catch((error: unknown) => {
        throw new AppError(
          'conflict',
          sentence(`The file ${this.file} could not be read: ${messageOf(error)}`),
          {
            next: 'Correct or remove the file.',
            cause: error,
          },
        );
      });
      await stored(this.file, writeFileAtomic(this.file, edit(text ?? ''), { mode: 0o600 }));
      await this.#check();
    });
  }

  async #inTurn(work: () => Promise<void>): Promise<void> {
    const done = this.#turn.then(work);
    this.#turn = done.catch(() => undefined);
    await done;
  }

  async #check(): Promise<void> {
    if ((await fingerprint([this.file])) === this.#seen) return;
    const changed = await this.#read();
    if (changed.size > 0) this.host.onChanged(changed);
  }

  /** Resolves with the names whose values differ from before. */
  async #read(): Promise<ReadonlySet<string>> {
    this.#seen = await fingerprint([this.file]);
    const before = this.#values;
    try {
      const text = (await readTextIfExists(this.file)) ?? '';
      this.#values = parseVariables(text, (line) =>
        this.host.report(
          `${this.file}:${line}: This line does not have the form NAME=value, so it has no effect.`,
        ),
      );
      this.host.problems.clear(this.file);
    } catch (error) {
      const message = `${sentence(`The file ${this.file} could not be read: ${messageOf(error)}`)} The secrets that were read before stay in use.`;
      this.host.problems.set(this.file, { message, ...nextFields('Correct the file, or its permissions.') });
    }
    for (const value of this.#values.values()) this.host.seen(value);
    const names = [...before.keys(), ...this.#values.keys()];
    return new Set(names.filter((name) => before.get(name) !== this.#values.get(name)));
  }
}
