import { Command, CommanderError } from 'commander';
import { AppError } from '../platform/errors';
import { product } from '../platform/product';
import { capital, sentence } from '../platform/sentence';
import { version } from '../platform/version';
import { exitStatus } from './exit-status';
import { reportFailure, type CliIo } from './io';
import { exit, processIo } from './run';
import { call, connect, prompt, read, tools } from './verbs/calls';
import { doctor, down, logs, restart, serve, status, up } from './verbs/gateway';
import { disable, enable, secret, servers, settings } from './verbs/servers';
import { add, plan, remove } from './verbs/wiring';

/** The verbs, in the order of the help. */
const verbs = {
  add,
  remove,
  plan,
  up,
  down,
  restart,
  status,
  doctor,
  logs,
  serve,
  connect,
  servers,
  enable,
  disable,
  secret,
  settings,
  tools,
  call,
  read,
  prompt,
};

/** The command line and its help. If a verb is named, only that verb is built. */
export function createProgram(named?: string): Command {
  const program = new Command(product.command)
    .description('One persistent MCP gateway beside a dev container, for every AI client.')
    .version(version)
    .exitOverride()
    .configureOutput({ outputError: () => undefined })
    .showHelpAfterError(false);
  for (const [name, verb] of Object.entries(verbs))
    if (named === undefined || named === name || !Object.hasOwn(verbs, named)) verb(program);
  return program;
}

/** Parses the arguments and runs the verb they name. Wrong usage is reported like every other failure. */
export async function runProgram(argv: readonly string[]): Promise<void> {
  try {
    await createProgram(argv[2]).parseAsync([...argv]);
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    await exit(usageStatus(processIo(), error, argv));
  }
}

/** Reports a commander error; a request for help or the version is no failure. */
export function usageStatus(io: CliIo, error: CommanderError, argv: readonly string[]): number {
  if (error.exitCode === 0) return exitStatus.success;
  if (error.code === 'commander.help') return exitStatus.usage;
  const verb = argv.slice(2).find((argument) => !argument.startsWith('-'));
  const known = verb !== undefined && error.code !== 'commander.unknownCommand';
  const next = `Run "devcontainer-gateway ${known ? `${verb} ` : ''}--help".`;
  const message = sentence(capital(error.message.replace(/^error: /, '').replaceAll('\n', ' ')));
  return reportFailure(io, new AppError('usage', message, { next }), argv.includes('--json'));
}
