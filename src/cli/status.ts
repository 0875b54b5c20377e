import type { Command } from 'commander';
import { openManager, type ManagerOptions } from './manager';
import { withCommonOptions } from './options';
import { printOverview } from './overview';
import { run } from './run';

/** `status`: how the workspace's gateway is. Telling it is success, whatever the state. */
export function registerStatus(program: Command): void {
  withCommonOptions(program.command('status'))
    .description("tell how the workspace's gateway is, what is wrong, and what to do next")
    .option('--local', 'the one that runs as a process of this machine')
    .action(
      async (options: ManagerOptions) =>
        await run(options, async (io) => {
          const manager = await openManager(io, options);
          printOverview(io, await manager.status(io.signal), options.json === true);
        }),
    );
}
