import path from 'node:path';
import * as v from 'valibot';
import { step } from '../../platform/next-step';
import { nextFields } from '../../servers/api-types';
import { serversSchema, type ServerDefinition } from '../../servers/schema';
import { StateFile } from '../state/state-file';
import type { StateProblems } from '../state/state-problems';
import type { Switch } from './merge';

/** The changes that were made while the gateway was running. They survive a restart. */
export interface RuntimeChanges {
  servers: ReadonlyMap<string, ServerDefinition>;
  switches: readonly Switch[];
  /** Servers that no switch names are off, whatever their definition says. */
  othersOff: boolean;
}

const schema = v.object({
  version: v.literal(1),
  servers: v.record(v.string(), v.unknown()),
  switches: v.array(v.object({ server: v.string(), tool: v.optional(v.string()), enabled: v.boolean() })),
  othersOff: v.optional(v.boolean(), false),
});

const none: RuntimeChanges = { servers: new Map(), switches: [], othersOff: false };

const next = step(
  'Enable the servers that you want, one by one. To forget all switches, and follow servers.json again:',
  'enable',
  '--all',
);

/**
 * `runtime.json` of the state folder. Nobody knows which servers a damaged file had switched off, so all servers are off
 * then, also after a restart, until each is enabled again.
 */
export class RuntimeFile {
  readonly #file: StateFile<typeof schema>;

  constructor(stateDir: string, problems: StateProblems) {
    this.#file = new StateFile(path.join(stateDir, 'runtime.json'), schema, problems, {
      meaning: 'It says which servers and tools are switched off, so every server is off now.',
      next,
    });
  }

  /** Without a file there are no changes. Throws `storage` when a damaged file cannot be replaced. */
  async read(): Promise<RuntimeChanges> {
    const state = await this.#file.read();
    if (state.found === 'no') return none;
    if (state.found === 'damaged') {
      const closed = { ...none, othersOff: true };
      // A later start must not take the missing file for a new state folder.
      await this.write(closed);
      return closed;
    }
    const { servers, switches, othersOff } = state.value;
    if (othersOff)
      this.#file.problems.set(this.#file.file, {
        message: `The file ${this.#file.file} was damaged before, so every server is off that you did not enable since.`,
        ...nextFields(next),
      });
    const valid = Object.entries(servers).flatMap(([name, given]) => {
      const definition = this.#definition(name, given);
      return definition ? [[name, definition] as const] : [];
    });
    return { servers: new Map(valid), switches, othersOff };
  }

  /** A server that this version does not accept is reported, and left out. */
  #definition(name: string, given: unknown): ServerDefinition | undefined {
    const parsed = v.safeParse(serversSchema, { [name]: given });
    if (parsed.success) return parsed.output[name];
    this.#file.problems.set(`${this.#file.file}#${name}`, {
      message: `The server "${name}", which was added while the gateway was running, is not valid: ${parsed.issues[0].message}`,
      ...nextFields('Add it again with a definition that is valid.'),
    });
    return undefined;
  }

  async write({ servers, switches, othersOff }: RuntimeChanges): Promise<void> {
    const document = { version: 1 as const, servers: Object.fromEntries(servers), switches: [...switches] };
    await this.#file.write(othersOff ? { ...document, othersOff } : document);
  }

  /** Every server follows its definition and its switches again. */
  mended(): void {
    this.#file.problems.clear(this.#file.file);
  }
}
