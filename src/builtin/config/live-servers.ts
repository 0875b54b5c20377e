import { AppError, messageOf } from '../../platform/errors';
import { parseEnvironmentServers } from '../../servers/environment';
import { guarded, type AcceptedValues, type LooserSetting } from '../../servers/guards';
import type { StateProblems } from '../state/state-problems';
import { parseServersFile } from '../../servers/parse';
import type { ServerDefinition } from '../../servers/schema';
import { nextFields, type ApiProblem } from '../../servers/api-types';
import { sentence } from '../../platform/sentence';
import { mergeServers, showsTool, type MergedServers, type Switch } from './merge';
import { AcceptedSettings } from './accepted-settings';
import { RuntimeFile, type RuntimeChanges } from './runtime-file';
import { ServersSource, type LoadedServers } from './servers-source';
import { step } from '../../platform/next-step';

export interface LiveOptions {
  file: string | undefined;
  fallback: string | undefined;
  /** The value of `MCP_SERVERS`. */
  environment: string | undefined;
  stateDir: string;
  /** Problems that were found before. */
  known: readonly ApiProblem[];
  /** Receives what is wrong with the files in the state folder. */
  stateProblems: StateProblems;
  /** Receives each problem once. */
  report(problem: string): void;
  /** The configuration has changed. */
  onChanged(live: LiveConfig): void;
}

/** The current configuration of all servers. */
export interface LiveConfig extends MergedServers, Pick<LoadedServers, 'source' | 'problem'> {
  /** The problems outside the servers file. */
  problems: readonly ApiProblem[];
  /** The settings for which the servers file asks less than is accepted. */
  looser: readonly LooserSetting[];
}

/**
 * The servers of all sources: the servers file, `MCP_SERVERS`, and the changes that were made while the gateway was
 * running. A source that cannot be read is reported and does not affect the others.
 */
export class LiveServers {
  readonly #source: ServersSource;
  readonly #runtimeFile: RuntimeFile;
  readonly #accepted: AcceptedSettings;
  #environment: ReadonlyMap<string, ServerDefinition> = new Map();
  #runtime: RuntimeChanges = { servers: new Map(), switches: [], othersOff: false };
  readonly #loadProblems: ApiProblem[];
  #current: LiveConfig;
  #reported = new Set<string>();
  /** Changes run one after the other. */
  #turn: Promise<unknown> = Promise.resolve();

  constructor(readonly options: LiveOptions) {
    this.#source = new ServersSource(options.file, options.fallback, () => this.#changed());
    this.#loadProblems = [...options.known];
    this.#runtimeFile = new RuntimeFile(options.stateDir, options.stateProblems);
    this.#accepted = new AcceptedSettings(options.stateDir, options.stateProblems);
    this.#current = this.#merge();
  }

  get current(): LiveConfig {
    return this.#current;
  }

  /** The looser values that were accepted. */
  get accepted(): AcceptedValues {
    return this.#accepted.values;
  }

  /** Reads every source once. The result contains the problems. Throws `storage` when the state folder cannot be written. */
  async load(): Promise<LiveConfig> {
    await this.#source.load();
    const { environment } = this.options;
    if (environment !== undefined && environment.trim() !== '')
      await this.#try(() => {
        this.#environment = parseEnvironmentServers(environment, 'MCP_SERVERS');
      });
    this.#runtime = await this.#runtimeFile.read();
    await this.#accepted.open();
    return this.#take();
  }

  follow(): void {
    this.#source.follow();
  }

  dispose(): void {
    this.#source.dispose();
  }

  /** Switches a server on or off, overriding its definition. Throws `not-found`. */
  async switchServer(name: string, enabled: boolean): Promise<void> {
    await this.#change((runtime) => {
      const original = this.#original(name, runtime);
      const otherwise = original.enabled && !runtime.othersOff;
      return withSwitch(runtime, { server: name, enabled }, otherwise !== enabled);
    });
  }

  /** Forgets all switches: servers and tools follow their definitions again. */
  async resetSwitches(): Promise<void> {
    await this.#change((runtime) => ({ ...runtime, switches: [], othersOff: false }));
    this.#runtimeFile.mended();
  }

  /** Accepts looser values of guards, by their setting. Throws `invalid-value` and `storage`. */
  async acceptSettings(values: unknown): Promise<void> {
    await this.#inTurn(async () => {
      await this.#accepted.accept(values);
      this.#changed();
    });
  }

  /** Switches a tool on or off. `tool` is the name that the server gives it. Throws `not-found`. */
  async switchTool(name: string, tool: string, enabled: boolean): Promise<void> {
    await this.#change((runtime) => {
      const original = this.#original(name, runtime);
      return withSwitch(runtime, { server: name, tool, enabled }, showsTool(original, tool) !== enabled);
    });
  }

  /** Adds a server. Throws `conflict` when the name is in use, and `invalid-value` for a definition that is not valid. */
  async add(name: string, definition: unknown): Promise<void> {
    const parsed = parsedDefinition(name, definition);
    await this.#change((runtime) => {
      if (this.#current.sources.has(name))
        throw new AppError('conflict', `There is already a server "${name}".`, {
          next: 'Choose another name, or remove that one first.',
        });
      return { ...runtime, servers: new Map([...runtime.servers, [name, parsed]]) };
    });
  }

  /** Removes a server that was added while the gateway was running. Throws `not-found`, or `conflict` for other servers. */
  async remove(name: string): Promise<void> {
    await this.#change((runtime) => {
      this.#original(name, runtime);
      if (this.#current.sources.get(name) !== 'runtime')
        throw new AppError(
          'conflict',
          `The server "${name}" cannot be removed here, because it was not added while the gateway was running.`,
          {
            next: 'Remove it where it is defined, or disable it.',
          },
        );
      const servers = new Map([...runtime.servers].filter(([other]) => other !== name));
      return { ...runtime, servers, switches: runtime.switches.filter(({ server }) => server !== name) };
    });
  }

  /** The definition of a server without switches. */
  #original(name: string, runtime: RuntimeChanges): ServerDefinition {
    const found =
      this.#source.current.file.servers.get(name) ?? this.#environment.get(name) ?? runtime.servers.get(name);
    if (found) return found;
    throw new AppError('not-found', `There is no server "${name}".`, {
      next: step('List the servers.', 'servers'),
    });
  }

  async #change(change: (runtime: RuntimeChanges) => RuntimeChanges): Promise<void> {
    await this.#inTurn(async () => {
      const after = change(this.#runtime);
      await this.#runtimeFile.write(after);
      this.#runtime = after;
      this.#changed();
    });
  }

  async #inTurn(work: () => Promise<void>): Promise<void> {
    const turn = this.#turn.then(work);
    this.#turn = turn.catch(() => undefined);
    await turn;
  }

  async #try(read: () => void | Promise<void>): Promise<void> {
    try {
      await read();
    } catch (error) {
      const next =
        (error instanceof AppError && error.next) || step('Correct it, and restart the gateway.', 'restart');
      this.#loadProblems.push({ message: messageOf(error), ...nextFields(next) });
    }
  }

  #changed(): void {
    this.options.onChanged(this.#take());
  }

  #merge(): LiveConfig {
    const { file, source, problem } = this.#source.current;
    const composed = mergeServers({
      file,
      environment: this.#environment,
      runtime: this.#runtime.servers,
      switches: this.#runtime.switches,
      othersOff: this.#runtime.othersOff,
    });
    const { settings, looser } = guarded(composed.file.settings, this.#accepted.values);
    return {
      ...composed,
      file: { ...composed.file, settings },
      source,
      problem,
      looser,
      problems: [...this.#loadProblems, ...composed.clashes, ...looser.map(looserProblem)],
    };
  }

  #take(): LiveConfig {
    this.#current = this.#merge();
    const { problem, problems } = this.#current;
    const all = [...(problem ? [problem] : []), ...problems].map(({ message }) => message);
    for (const one of all) if (!this.#reported.has(one)) this.options.report(one);
    this.#reported = new Set(all);
    return this.#current;
  }
}

function looserProblem({ setting, asked, used }: LooserSetting): ApiProblem {
  return {
    message: `servers.json sets gateway.${setting} to ${String(asked)}, which guards less than ${String(used)}. ${String(used)} stays in use until you accept it.`,
    ...nextFields(step('Look at it, and accept it if you want it.', 'settings accept')),
  };
}

function withSwitch(runtime: RuntimeChanges, one: Switch, needed: boolean): RuntimeChanges {
  const others = runtime.switches.filter(({ server, tool }) => server !== one.server || tool !== one.tool);
  return { ...runtime, switches: needed ? [...others, one] : others };
}

function parsedDefinition(name: string, definition: unknown): ServerDefinition {
  try {
    const text = JSON.stringify({ servers: { [name]: definition } });
    const parsed = parseServersFile(text, 'the definition').servers.get(name);
    if (parsed) return parsed;
  } catch (error) {
    throw new AppError(
      'invalid-value',
      sentence(`The server "${name}" cannot be added: ${messageOf(error)}`),
      {
        next: 'Send {"name":…,"definition":…} with a definition as in servers.json.',
        cause: error,
      },
    );
  }
  throw new AppError('invalid-value', `The server name "${name}" is not allowed.`);
}
