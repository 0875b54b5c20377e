import type { CliIo } from './io';
import { openManager, workOptions, type ManagerOptions } from './manager';
import { failureOf, printOverview } from './overview';
import { milliseconds } from './seconds';

export interface UpVerbOptions extends ManagerOptions {
  /** `--no-build`. */
  build?: boolean;
  wait?: string;
}

/** `up`: creates and starts the workspace's gateway. */
export async function up(io: CliIo, options: UpVerbOptions): Promise<void> {
  const timeoutMs = milliseconds(options.wait, '--wait', 90);
  const manager = await openManager(io, options, { creating: true });
  const overview = await manager.up({ ...workOptions(io), build: options.build !== false, timeoutMs });
  const failure = failureOf(overview.state);
  if (failure) throw failure;
  printOverview(io, overview, options.json === true);
}
