import path from 'node:path';
import { AppError, messageOf } from '../../platform/errors';
import { parseEnvironmentServers } from '../../servers/environment';
import { parseServersFile } from '../../servers/parse';
import type { ServerDefinition } from '../../servers/schema';
import { nextFields, type ApiProblem } from '../../servers/api-types';
import { sentence } from '../../platform/sentence';
import { mergeServers, showsTool, type MergedServers, type Switch } from './merge';
import { readRuntimeChanges, writeRuntimeChanges, type RuntimeChanges } from './runtime-file';
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
  /** Receives each problem once. */
  report(problem: string): void;
  /** The configuration has changed. */
  onChanged(live: LiveConfig): void;
}

/** The current configuration of all servers. */
export interface LiveConfig extends MergedServers, Pick<LoadedServers, 'source' | 'problem'> {
  /** The problems outside the servers file. */
  problems: readonly ApiProblem[];
}

/**
 * The servers of all sources: the servers file, `MCP_SERVERS`, and the changes that were made while the gateway was
 * running. A source that cannot be read is reported and does not affect the others.
 */
export class LiveServers {
  readonly #source: ServersSource;
  readonly #runtimeFile: string;
  #environment: ReadonlyMap<string, ServerDefinition> = new Map();
  #runtime: RuntimeChanges = { servers: new Map(), switches: [] };
  readonly #loadProblems: ApiProblem[];
  #current: LiveConfig;
  #reported = new Set<string>();
  /** Changes run one after the other. */
  #turn: Promise<unknown> = Promise.resolve();

  constructor(readonly options: LiveOptions) {
    this.#source = new ServersSource(options.file, options.fallback, () => this.#changed());
    this.#loadProblems = [...options.known];
    this.#runtimeFile = path.join(options.stateDir, 'runtime.json');
    this.#current = this.#merge();
  }

  get current(): LiveConfig {
    return this.#current;
  }

  /** Reads every source once. Never throws: the result contains the problems. */
  async load(): Promise<LiveConfig> {
    await this.#source.load();
    const { environment } = this.options;
    if (environment !== undefined && environment.trim() !== '')
      await this.#try(() => {
        this.#environment = parseEnvironmentServers(environment, 'MCP_SERVERS');
      });
    await this.#try(async () => {
      this.#runtime = await readRuntimeChanges(this.#runtimeFile);
    });
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
      return withSwitch(runtime, { server: name, enabled }, original.enabled !== enabled);
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
      return { servers, switches: runtime.switches.filter(({ server }) => server !== name) };
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
    const turn = this.#turn.then(async () => {
      const after = change(this.#runtime);
      await writeRuntimeChanges(this.#runtimeFile, after);
      this.#runtime = after;
      this.#changed();
    });
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
    });
    return { ...composed, source, problem, problems: [...this.#loadProblems, ...composed.clashes] };
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
