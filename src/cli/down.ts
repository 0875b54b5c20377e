import type { CliIo } from './io';
import { openManager, workOptions, type ManagerOptions } from './manager';
import { printOverview } from './overview';

/** `down`: stops the workspace's gateway. */
export async function down(io: CliIo, options: ManagerOptions): Promise<void> {
  const manager = await openManager(io, options);
  printOverview(io, await manager.down(workOptions(io)), options.json === true);
}
