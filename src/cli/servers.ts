import { partOf } from '../gateway/kind';
import { printJson, type CliIo } from './io';
import { openManager, type ManagerOptions } from './manager';
import { serversText } from './overview';

/** `servers`: the servers behind the gateway. */
export async function servers(io: CliIo, options: ManagerOptions): Promise<void> {
  const manager = await openManager(io, options);
  const document = await partOf(manager.kind, 'servers')(await manager.address(io.signal)).servers(io.signal);
  if (options.json === true) {
    printJson(io, document);
    return;
  }
  const { problem, servers: file } = document.gateway;
  if (document.servers.length > 0) io.stdout(serversText(document.servers));
  else io.stderr(`The gateway has no servers.${file === null ? '' : ` Add some in ${file}.`}\n`);
  if (problem) io.stderr(`${problem.message}\nNext: ${problem.next}\n`);
  for (const { message, next } of document.problems) io.stderr(`${message}\n  Next: ${next}\n`);
  for (const { name, error } of document.servers)
    if (error) io.stderr(`${name}: ${error.message}\n  Next: ${error.next}\n`);
}
