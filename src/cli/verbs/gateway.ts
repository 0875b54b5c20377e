// The verbs for the gateway itself.
import { InvalidArgumentError, type Command } from 'commander';
import type { LogsVerbOptions } from '../logs';
import type { ManagerOptions } from '../manager';
import { run } from '../run';
import type { ServeOptions } from '../serve';
import type { UpVerbOptions } from '../up';
import { collect, verb } from './verb';

export function up(program: Command): Command {
  return verb(
    program,
    'up',
    "create and start the workspace's gateway, and wait until its servers have settled",
  )
    .option('--local', 'run it as a process on this machine instead of beside the dev container')
    .option('--env <name>', 'with --local: a variable that servers.json may refer to (repeatable)', collect)
    .option('--no-build', 'use the existing image')
    .option('--wait <seconds>', 'how long to wait for the servers to settle', '90')
    .action(async (options: UpVerbOptions) => {
      await run(options, async (io) => await (await import('../up')).up(io, options));
    });
}

export function down(program: Command): Command {
  return verb(program, 'down', "stop the workspace's gateway; its token, state and caches stay")
    .option('--local', 'the gateway that runs as a process on this machine')
    .action(async (options: ManagerOptions) => {
      await run(options, async (io) => await (await import('../down')).down(io, options));
    });
}

export function restart(program: Command): Command {
  return verb(program, 'restart', 'restart the gateway, or one server behind it')
    .argument('[server]', 'the name of a server')
    .option('--local', 'the gateway that runs as a process on this machine')
    .action(async (server: string | undefined, options: ManagerOptions) => {
      await run(options, async (io) => await (await import('../restart')).restart(io, server, options));
    });
}

export function status(program: Command): Command {
  return verb(
    program,
    'status',
    "show the state of the workspace's gateway, what is wrong, and what to do next",
  )
    .option('--local', 'the gateway that runs as a process on this machine')
    .action(async (options: ManagerOptions) => {
      await run(options, async (io) => await (await import('../status')).status(io, options));
    });
}

export function doctor(program: Command): Command {
  return verb(
    program,
    'doctor',
    'check everything between a client and the servers, and show what is wrong and how to fix it',
  )
    .option('--local', 'the gateway that runs as a process on this machine')
    .action(async (options: ManagerOptions) => {
      await run(options, async (io) => await (await import('../doctor')).doctor(io, options));
    });
}

export function logs(program: Command): Command {
  return verb(program, 'logs', 'show the log of the gateway, or of one server behind it')
    .argument('[server]', 'the name of a server')
    .option('-f, --follow', 'show new lines until Ctrl-C')
    .option('--tail <lines>', 'how many of the last lines to show', lineCount, 100)
    .option('--local', 'use the gateway that runs as a process on this machine')
    .action(async (server: string | undefined, options: LogsVerbOptions) => {
      await run(options, async (io) => await (await import('../logs')).logs(io, server, options));
    });
}

export function serve(program: Command): Command {
  return verb(
    program,
    'serve',
    'run the built-in gateway in the foreground; Ctrl-C stops it and every server',
  )
    .option('--servers <file>', "the servers file (default: the workspace's)")
    .option('--host <address>', 'the address to listen on', '127.0.0.1')
    .option('--port <port>', 'the port to listen on, 0 for any free one', '8811')
    .option('--stdio', 'serve one client on standard input and output instead of listening')
    .option('--state <dir>', 'the folder for its token and state')
    .option('--env <name>', 'a variable that the servers file may refer to (repeatable)', collect)
    .option('--allowed-host <host>', 'another host name that clients may use for it (repeatable)', collect)
    .action(async (options: ServeOptions) => await (await import('../serve')).serve(options));
}

function lineCount(text: string): number {
  if (/^\d{1,7}$/.test(text)) return Number(text);
  throw new InvalidArgumentError('It must be a whole number.');
}
