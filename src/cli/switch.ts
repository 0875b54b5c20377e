import type { Command } from 'commander';
import { namedAdminToken } from '../gateway/admin-token';
import { GatewayApi, type GatewayAddress } from '../gateway/api';
import { isInside } from '../gateway/inside';
import type { ServerReport } from '../gateway/report';
import { AppError } from '../platform/errors';
import { printJson, type CliIo } from './io';
import { openManager, type ManagerOptions } from './manager';
import { withCommonOptions } from './options';
import { serversText } from './overview';
import { run } from './run';

interface SwitchOptions extends ManagerOptions {
  adminTokenFile?: string;
}

const verbs = [
  { verb: 'enable', enabled: true, description: 'switch servers, or single tools of theirs, on' },
  { verb: 'disable', enabled: false, description: 'switch servers, or single tools of theirs, off' },
] as const;

type Verb = (typeof verbs)[number];

/** `enable` and `disable`: at once, and kept by the gateway over what `servers.json` says. */
export function registerSwitches(program: Command): void {
  for (const verb of verbs)
    withCommonOptions(program.command(verb.verb))
      .description(verb.description)
      .argument('<server[:tool]...>', 'a server, or one of its tools by its own name')
      .option('--local', 'of the gateway that runs as a process of this machine')
      .option('--admin-token-file <file>', "the file that holds the gateway's admin token")
      .action(
        async (names: string[], options: SwitchOptions) =>
          await run(options, async (io) => await switchAll(io, verb, names, options)),
      );
}

/** Switches one after the other; what was switched before a failure stays so. */
async function switchAll(io: CliIo, verb: Verb, names: string[], options: SwitchOptions): Promise<void> {
  const api = new GatewayApi(await adminAddress(io, verb, options));
  const reports = new Map<string, ServerReport>();
  for (const name of names) {
    const report = await api.switch(switchable(name), verb.enabled, io.signal).catch((error: unknown) => {
      throw refusedHere(error, verb);
    });
    reports.set(report.name, report);
  }
  const servers = [...reports.values()];
  if (options.json === true) printJson(io, { servers });
  else io.stdout(serversText(servers));
}

/** `SERVER` or `SERVER:TOOL`; no server has a colon in its name. */
function switchable(name: string): { server: string; tool?: string } {
  const colon = name.indexOf(':');
  const [server, tool] = colon < 0 ? [name] : [name.slice(0, colon), name.slice(colon + 1)];
  if (server !== '' && tool !== '') return tool === undefined ? { server } : { server, tool };
  throw new AppError('usage', `"${name}" names no server and no tool`, {
    next: 'Write SERVER, or SERVER:TOOL with the name that the server itself gives the tool.',
  });
}

async function adminAddress(io: CliIo, verb: Verb, options: SwitchOptions): Promise<GatewayAddress> {
  const named = await namedAdminToken(options.adminTokenFile, io);
  const manager = await openManager(io, options);
  const token = named ?? (await manager.adminToken());
  if (token !== undefined) return { ...(await manager.address(io.signal)), token };
  if (isInside(io.env))
    throw new AppError(
      'refused',
      'servers are not switched from inside the dev container: that takes the admin token, which an agent in it must not see',
      { next: elsewhere(verb) },
    );
  throw new AppError('unauthorized', 'switching servers takes the admin token, and none was found', {
    next: `Pass its file by --admin-token-file, or set MCP_GATEWAY_ADMIN_TOKEN. ${inTheFile(verb)}`,
  });
}

/** The gateway does not take the admin token; other failures are as they were. */
function refusedHere(error: unknown, verb: Verb): unknown {
  if (!(error instanceof AppError) || !['unauthorized', 'refused'].includes(error.code)) return error;
  return new AppError(error.code, 'the gateway does not take this for its admin token', {
    next: `Pass the file admin-token of the gateway's state folder by --admin-token-file. ${inTheFile(verb)}`,
    cause: error,
  });
}

function elsewhere({ verb, enabled }: Verb): string {
  return `Run "devcontainer-mcp ${verb} …" on the host, in the folder of the workspace. ${inTheFile({ enabled })}`;
}

function inTheFile({ enabled }: Pick<Verb, 'enabled'>): string {
  return `Or write "enabled": ${enabled} (for tools: "disabledTools") in servers.json: the gateway reads it again by itself.`;
}
