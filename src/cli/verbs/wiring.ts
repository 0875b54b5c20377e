// The verbs that change the files of a workspace.
import { InvalidArgumentError, type Command } from 'commander';
import { clients } from '../../clients/clients';
import type { HostPort } from '../../devcontainer/plan';
import type { AddOptions } from '../add';
import type { RemoveOptions } from '../remove';
import { run } from '../run';
import { collect, verb } from './verb';

export function add(program: Command): Command {
  return withPlanOptions(
    verb(
      program,
      'add',
      'put a gateway beside the dev container of this workspace and point AI clients at it',
    ),
  )
    .option('--dry-run', 'print the diff and change nothing')
    .option('--yes', 'do not ask')
    .option('--no-start', 'do not build and start the gateway now')
    .action(async (options: AddOptions) => {
      await run(options, async (io) => {
        const [own, hooks] = await Promise.all([import('../add'), import('../sidecar-hooks')]);
        await own.add(io, options, hooks.sidecarHooks(io));
      });
    });
}

export function remove(program: Command): Command {
  return verb(program, 'remove', 'remove the gateway: its files, entries, container, volumes and image')
    .option('--dry-run', 'print the diff and change nothing')
    .option('--yes', 'do not ask; files with secrets are deleted too')
    .action(async (options: RemoveOptions) => {
      await run(options, async (io) => {
        const [own, hooks] = await Promise.all([import('../remove'), import('../sidecar-hooks')]);
        await own.remove(io, options, hooks.sidecarHooks(io));
      });
    });
}

export function plan(program: Command): Command {
  return withPlanOptions(verb(program, 'plan', 'show what `add` would change, as a diff')).action(
    async (options: AddOptions) => {
      await run(options, async (io) => {
        const [own, hooks] = await Promise.all([import('../plan'), import('../sidecar-hooks')]);
        await own.plan(io, options, hooks.sidecarHooks(io));
      });
    },
  );
}

/** The options by which a plan differs. */
function withPlanOptions(command: Command): Command {
  return command
    .option('--gateway <kind>', 'the kind of gateway: builtin', 'builtin')
    .option(
      '--client <name>',
      `also wire this client: ${clients
        .slice(1)
        .map(({ id }) => id)
        .join(', ')} (repeatable)`,
      collect,
    )
    .option(
      '--host-port <port>',
      'publish the gateway on this loopback port of the host; auto: any free port',
      hostPort,
    );
}

function hostPort(value: string): HostPort {
  if (value === 'auto') return value;
  const port = Number(value);
  if (!/^\d+$/.test(value) || port < 1 || port > 65_535)
    throw new InvalidArgumentError('It must be a port from 1 to 65535, or auto.');
  return port;
}
