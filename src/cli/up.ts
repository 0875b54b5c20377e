import type { Command } from 'commander';
import type { CliIo } from './io';
import { openManager, workOptions, type ManagerOptions } from './manager';
import { withCommonOptions } from './options';
import { failureOf, printOverview } from './overview';
import { run } from './run';
import { milliseconds } from './seconds';

interface UpOptions extends ManagerOptions {
  /** `--no-build`. */
  build?: boolean;
  wait?: string;
}

/** `up`: creates and starts the workspace's gateway. */
export function registerUp(program: Command): void {
  withCommonOptions(program.command('up'))
    .description("create and start the workspace's gateway, and wait until its servers have settled")
    .option('--local', 'run it as a process of this machine instead of beside the dev container')
    .option('--env <name>', 'with --local: a variable that servers.json may refer to (repeatable)', collect)
    .option('--no-build', 'use the image as it is')
    .option('--wait <seconds>', 'how long it may take to settle', '90')
    .action(async (options: UpOptions) => await run(options, async (io) => await up(io, options)));
}

async function up(io: CliIo, options: UpOptions): Promise<void> {
  const timeoutMs = milliseconds(options.wait, '--wait', 90);
  const manager = await openManager(io, options, { creating: true });
  const overview = await manager.up({ ...workOptions(io), build: options.build !== false, timeoutMs });
  const failure = failureOf(overview.state);
  if (failure) throw failure;
  printOverview(io, overview, options.json === true);
}

function collect(value: string, before: string[] = []): string[] {
  return [...before, value];
}
