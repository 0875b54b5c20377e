import { sidecar } from '../devcontainer/sidecar';
import type { GatewayManager, WorkOptions } from '../gateway/manager';
import { probe } from '../gateway/resolve/probe';
import { RemoteManager } from '../gateway/remote-manager';
import type { WorkspaceChoice } from '../gateway/workspace';
import { targetOf } from './gateway';
import { AppError } from '../platform/errors';
import { variableName } from '../servers/variables-file';
import { progress, type CliIo } from './io';
import type { CommonOptions } from './options';

/** Options of the verbs that work on the gateway itself. */
export interface ManagerOptions extends CommonOptions {
  /** A process of this machine instead of the sidecar. */
  local?: boolean;
  /** Names of variables that a local gateway's servers file may refer to. */
  env?: string[];
}

/**
 * The gateway that a verb works on. A gateway named by an option or a variable is known by its address only, as is one
 * inside a dev container. Otherwise it is the workspace's own.
 */
export async function openManager(
  io: CliIo,
  options: ManagerOptions,
  { creating = false } = {},
): Promise<GatewayManager> {
  if (options.local === true || !isNamed(io, options)) {
    // What reads Compose files and speaks to the engine takes a while to load.
    const { workspaceManager } = await import('../gateway/workspace');
    const { local = false } = options;
    const variables = variableNames(options.env);
    const { kinds, defaultKind } = await import('../kinds/registry');
    const kind = kinds[defaultKind];
    return await workspaceManager(workspaceChoice(io, options), { kind, local, variables, creating });
  }
  const target = await targetOf(io, options);
  // The verb reports what is wrong with it.
  const found = await probe(target, io.signal).catch(() => undefined);
  const { kinds, defaultKind, detectKind } = await import('../kinds/registry');
  const answering = found ? detectKind(found.page) : kinds[defaultKind];
  const kind = target.kind === undefined ? answering : kinds[target.kind];
  const token = found ? found.token : target.tokens[0];
  return new RemoteManager({ url: target.url, token, source: target.source }, kind);
}

/** Names of variables for `--env`. An error does not repeat a wrong name: a person who writes NAME=value has put the value there. */
export function variableNames(names: readonly string[] = []): string[] {
  if (names.every((name) => variableName.test(name))) return [...names];
  throw new AppError('usage', 'The value of --env is not the name of a variable.', {
    next: 'Use letters, digits and "_". Set the value in the environment of this command: NAME=value devcontainer-gateway …',
  });
}

/** Whether an option or a variable names a gateway. An empty variable counts as none. */
export function isNamed({ env }: Pick<CliIo, 'env'>, { url, driver }: ManagerOptions): boolean {
  return [url, driver, env['MCP_GATEWAY'], env[sidecar.urlVariable]].some(Boolean);
}

/** The workspace that the options select. */
export function workspaceChoice(io: Pick<CliIo, 'cwd' | 'env'>, options: CommonOptions): WorkspaceChoice {
  return { workspace: options.workspace, config: options.config, cwd: io.cwd, env: io.env };
}

/** Long work that a person can watch and Ctrl-C ends. */
export function workOptions(io: CliIo): WorkOptions {
  return { signal: io.signal, progress: (line) => progress(io, line) };
}
