import os from 'node:os';
import path from 'node:path';
import { AppError } from '../../../platform/errors';
import type { ServerDefinition } from '../../../servers/schema';
import { substitute, substituteAll } from '../../../servers/variables';
import { ownVariables, type ChildOptions } from './child-processes';
import { product } from '../../../platform/product';

export type ContainerDefinition = Extract<ServerDefinition, { type: 'container' }>;

/** Which gateway a container belongs to, so that one that was left behind is found. */
export const ownerLabel = `${product.labels}.owner`;
/** Which run of that gateway made it. */
export const runLabel = `${product.labels}.run`;

export interface ContainerOwner {
  gateway: string;
  run: string;
}

/** Variables that the engine's client heeds itself. */
const readByEngineClient = /^(PATH|HOME|TMPDIR|DOCKER_.*|XDG_.*|LD_.*|SSH_AUTH_SOCK)$/i;

/**
 * The engine's command that runs a server in a container of that name. Secrets are not in its arguments, which everybody
 * on the machine can read: variables are passed by name, their values are in the environment of the command. Throws when
 * a variable has no value, or when a secret would have to stand in the arguments.
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
    // The engine's own log would keep everything that the server says on disk.
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

/** The engine's command that gets an image. */
export function pullCommand(reference: string, folder: string): ChildOptions {
  return engineClient(['pull', reference], folder);
}

function engineClient(args: readonly string[], cwd: string): ChildOptions {
  return {
    // By its whole name Windows starts it without a shell, which would read the arguments in its own way.
    command: process.platform === 'win32' ? 'docker.exe' : 'docker',
    args,
    env: ownVariables(/^(DOCKER_.*|SSH_AUTH_SOCK)$/),
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
    `the variable ${key} of a container cannot be filled from another one`,
    {
      next: `Write the value of ${key} into servers.json as it is, or give the server its secret under another name.`,
    },
  );
}

function plain(argument: string): string {
  if (!argument.includes('${')) return argument;
  throw new AppError('invalid-value', `the argument "${argument}" of a container holds a variable`, {
    next: 'Arguments are visible to everybody on the machine: pass the value under "env".',
  });
}

/** A folder of the workspace by its whole path; the engine takes a relative one for the name of a volume. */
function mount(volume: string, folder: string): string {
  const [, source, rest] = /^(\.{1,2}(?:[\\/][^:]*)?|~(?:[\\/][^:]*)?)(:.*)$/s.exec(volume) ?? [];
  if (source === undefined || rest === undefined) return volume;
  const absolute = source.startsWith('~')
    ? path.join(os.homedir(), source.slice(1))
    : path.resolve(folder, source);
  return `${absolute}${rest}`;
}
