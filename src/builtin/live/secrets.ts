import path from 'node:path';
import { messageOf } from '../../platform/errors';
import { readTextIfExists } from '../../platform/files';
import { parseVariables } from '../../servers/variables-file';
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

  constructor(
    readonly file: string,
    readonly host: SecretsHost,
  ) {}

  lookup(name: string): string | undefined {
    return this.#values.get(name);
  }

  /** Reads the file for the first time and follows it from then on. */
  async open(): Promise<void> {
    await this.#read();
    this.#follower = new FileFollower(path.dirname(this.file), () => void this.#check());
  }

  dispose(): void {
    this.#follower?.dispose();
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
