import type { Command } from 'commander';
import { openManager, workOptions, type ManagerOptions } from './manager';
import { withCommonOptions } from './options';
import { printOverview } from './overview';
import { run } from './run';

/** `down`: stops the workspace's gateway. */
export function registerDown(program: Command): void {
  withCommonOptions(program.command('down'))
    .description("stop the workspace's gateway; its token, state and caches stay")
    .option('--local', 'the one that runs as a process of this machine')
    .action(
      async (options: ManagerOptions) =>
        await run(options, async (io) => {
          const manager = await openManager(io, options);
          printOverview(io, await manager.down(workOptions(io)), options.json === true);
        }),
    );
}
