import { AppError } from '../platform/errors';
import { printJson, progress, type CliIo } from './io';
import { openManager, workOptions, type ManagerOptions } from './manager';
import { failureOf, printOverview, serversText } from './overview';
import { step } from '../platform/next-step';
import { sentence } from '../platform/sentence';

/** `restart`: the gateway, or one server behind it. */
export async function restart(io: CliIo, name: string | undefined, options: ManagerOptions): Promise<void> {
  const manager = await openManager(io, options);
  if (name === undefined) {
    const overview = await manager.restart(workOptions(io));
    const failure = failureOf(overview.state);
    if (failure) throw failure;
    printOverview(io, overview, options.json === true);
    return;
  }
  progress(io, `restarting the server ${name}`);
  const server = await manager.restartServer(name, io.signal);
  if (server.state === 'failed') {
    throw new AppError(
      'unreachable',
      sentence(`The server "${name}" failed: ${server.error?.message ?? 'it gave no reason'}`),
      {
        next: server.error?.step ?? step("Check the server's log.", 'logs', name),
      },
    );
  }
  if (options.json === true) printJson(io, { server });
  else io.stdout(serversText([server]));
}
