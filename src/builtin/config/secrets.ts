import path from 'node:path';
import { AppError, messageOf } from '../../platform/errors';
import { readTextIfExists, writeFileAtomic } from '../../platform/files';
import { isLineValue, parseVariables, variableName, withVariable } from '../../servers/variables-file';
import { FileFollower, fingerprint } from './file-follower';

export interface SecretsHost {
  /** Gets every value, to keep it out of logs. */
  seen(value: string): void;
  report(problem: string): void;
  /** The values of these names are other ones now, or gone. */
  onChanged(names: ReadonlySet<string>): void;
}

/**
 * The variables that stand in a file of the gateway's state, `NAME=value` a line, followed as they change. A file that
 * cannot be read keeps the last good state.
 */
export class Secrets {
  #values: ReadonlyMap<string, string> = new Map();
  #seen = '';
  #follower: FileFollower | undefined;
  /** Reads and changes wait for each other. */
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

  /** Reads the file for the first time and follows it from then on. */
  async open(): Promise<void> {
    await this.#read();
    const check = async (): Promise<void> => await this.#check();
    this.#follower = new FileFollower(path.dirname(this.file), () => void this.#inTurn(check));
  }

  dispose(): void {
    this.#follower?.dispose();
  }

  /** Writes a value into the file and takes it over. Throws `invalid-value`, and `conflict` for a file that cannot be read. */
  async set(name: string, value: string): Promise<void> {
    this.host.seen(value);
    if (!variableName.test(name))
      throw new AppError(
        'invalid-value',
        'the name of a secret has letters, digits and "_", and starts with no digit',
        {
          next: 'Use the name that stands as ${NAME} in servers.json.',
        },
      );
    if (!isLineValue(value))
      throw new AppError(
        'invalid-value',
        `the value of ${name} is empty, or has a line break or a NUL in it`,
        {
          next: 'Send one line; what has more is written as a file and named by its path.',
        },
      );
    await this.#change((text) => withVariable(text, name, value));
  }

  /** Takes a value out of the file. Throws `not-found`, and `conflict` for a file that cannot be read. */
  async remove(name: string): Promise<void> {
    await this.#change((text) => {
      if (parseVariables(text).has(name)) return withVariable(text, name, undefined);
      throw new AppError('not-found', `there is no secret "${name}"`, {
        next: 'List them: devcontainer-gateway secret ls',
      });
    });
  }

  async #change(edit: (text: string) => string): Promise<void> {
    await this.#inTurn(async () => {
      const text = await readTextIfExists(this.file).catch((error: unknown) => {
        throw new AppError('conflict', `${this.file} could not be read: ${messageOf(error)}`, {
          next: 'Correct or remove the file.',
          cause: error,
        });
      });
      await writeFileAtomic(this.file, edit(text ?? ''), { mode: 0o600 });
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
        this.host.report(`${this.file}:${line}: not of the form NAME=value, so the line has no effect`),
      );
    } catch (error) {
      this.host.report(`${this.file} could not be read: ${messageOf(error)}`);
    }
    for (const value of this.#values.values()) this.host.seen(value);
    const names = [...before.keys(), ...this.#values.keys()];
    return new Set(names.filter((name) => before.get(name) !== this.#values.get(name)));
  }
}
