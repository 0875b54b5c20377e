import os from 'node:os';
import path from 'node:path';
import { AppError } from '../../../platform/errors';
import type { ServerDefinition } from '../../../servers/schema';
import { substitute, substituteAll } from '../../../servers/variables';
import { engineVariables, variablesOf } from './child-environment';
import type { ChildOptions } from './child-processes';
import { product } from '../../../platform/product';

export type ContainerDefinition = Extract<ServerDefinition, { type: 'container' }>;

/** The label for the gateway of a container, so that containers that were left behind can be found. */
export const ownerLabel = `${product.labels}.owner`;
/** The label for the run of the gateway that created the container. */
export const runLabel = `${product.labels}.run`;

export interface ContainerOwner {
  gateway: string;
  run: string;
}

/** Variables that the engine's client reads itself. */
const readByEngineClient = /^(PATH|HOME|TMPDIR|DOCKER_.*|XDG_.*|LD_.*|SSH_AUTH_SOCK)$/i;

/**
 * The engine's command that runs a server in a container with this name. Every user of the machine can read its
 * arguments, so secrets are not among them: variables are passed by name, and their values are in the environment of the
 * command. Throws when a variable has no value, or when an argument would contain a secret.
 */
export function containerCommand(
  definition: ContainerDefinition,
  name: string,
  owner: ContainerOwner,
  lookup: (name: string) => string | undefined,
  folder: string,
): ChildOptions {
  const variables = Object.entries(definition.env).map(([key, value]) => variable(key, value));
  const hidden = Object.fromEntries(variables.flatMap((each) => (each.hidden ? [each.hidden] : [])));
  const args = [
    ...['run', '--interactive', '--rm', '--name', name],
    ...['--label', `${ownerLabel}=${owner.gateway}`, '--label', `${runLabel}=${owner.run}`],
    // Otherwise the engine's log driver would store everything that the server sends on disk.
    ...['--log-driver', 'none'],
    ...confinement(definition),
    ...definition.volumes.flatMap((volume) => ['--volume', mount(substitute(volume, lookup), folder)]),
    ...variables.flatMap((each) => ['--env', each.argument]),
    substitute(definition.image, lookup),
    ...definition.args.map(plain),
  ];
  const client = engineClient(args, folder);
  return { ...client, env: { ...client.env, ...substituteAll(hidden, lookup) }, container: name };
}

/** The engine's command that pulls an image. */
export function pullCommand(reference: string, folder: string): ChildOptions {
  return engineClient(['pull', reference], folder);
}

function engineClient(args: readonly string[], cwd: string): ChildOptions {
  return {
    // With the full name, Windows starts it without a shell, which would interpret the arguments.
    command: process.platform === 'win32' ? 'docker.exe' : 'docker',
    args,
    env: variablesOf(engineVariables),
    cwd,
  };
}

function confinement({ memory, cpus, pids, readOnly, network }: ContainerDefinition): string[] {
  return [
    ...['--memory', memory, '--cpus', String(cpus), '--pids-limit', String(pids)],
    ...['--cap-drop', 'ALL', '--security-opt', 'no-new-privileges'],
    ...(readOnly ? ['--read-only', '--tmpfs', '/tmp'] : []),
    ...(network === undefined ? [] : ['--network', network]),
  ];
}

function variable(key: string, value: string): { argument: string; hidden?: [string, string] } {
  if (!readByEngineClient.test(key)) return { argument: key, hidden: [key, value] };
  if (!value.includes('${')) return { argument: `${key}=${value}` };
  throw new AppError(
    'invalid-value',
    `The variable ${key} of a container cannot be filled from another variable.`,
    {
      next: `Write the value of ${key} literally in servers.json, or use another name for the secret.`,
    },
  );
}

function plain(argument: string): string {
  if (!argument.includes('${')) return argument;
  throw new AppError(
    'invalid-value',
    `The argument "${argument}" of a container must not contain a variable.`,
    {
      next: 'Pass the value under "env", because every user of the machine can read arguments.',
    },
  );
}

/** Makes a relative folder absolute, because the engine would treat it as the name of a volume. */
function mount(volume: string, folder: string): string {
  const [, source, rest] = /^(\.{1,2}(?:[\\/][^:]*)?|~(?:[\\/][^:]*)?)(:.*)$/s.exec(volume) ?? [];
  if (source === undefined || rest === undefined) return volume;
  const absolute = source.startsWith('~')
    ? path.join(os.homedir(), source.slice(1))
    : path.resolve(folder, source);
  return `${absolute}${rest}`;
}
