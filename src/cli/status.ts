import type { CliIo } from './io';
import { openManager, type ManagerOptions } from './manager';
import { printOverview } from './overview';

/** `status`: the state of the workspace's gateway. Reporting it is success, whatever the state. */
export async function status(io: CliIo, options: ManagerOptions): Promise<void> {
  const manager = await openManager(io, options);
  printOverview(io, await manager.status(io.signal), options.json === true);
}
