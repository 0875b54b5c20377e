import type { ServerReport } from '../servers/api-types';
import { AppError } from '../platform/errors';
import { step } from '../platform/next-step';
import { asAdmin, openAdminApi, type AdminOptions, type AdminWords } from './admin';
import { printJson, type CliIo } from './io';
import { serversText } from './overview';

const enabledBy = { enable: true, disable: false } as const;
type Verb = keyof typeof enabledBy;

export interface SwitchOptions extends AdminOptions {
  /** Only for `enable`: forget every switch. */
  all?: boolean;
}

/**
 * `enable` and `disable`: at once, and kept by the gateway over what `servers.json` says. One is switched after the other;
 * what was switched before a failure stays so.
 */
export async function switchAll(
  io: CliIo,
  verb: Verb,
  names: string[],
  options: SwitchOptions,
): Promise<void> {
  const words = wordsFor(verb);
  if ((names.length === 0) === (options.all !== true))
    throw new AppError(
      'usage',
      verb === 'enable'
        ? 'Name the servers or tools to enable, or pass --all, and not both.'
        : 'Name the servers or tools to disable.',
      { next: step('List the servers.', 'servers') },
    );
  const api = await openAdminApi(io, options, words);
  if (options.all === true) {
    const { servers } = await asAdmin(api.resetSwitches(io.signal), words);
    if (options.json === true) printJson(io, { servers });
    else io.stdout(serversText(servers));
    return;
  }
  const reports = new Map<string, ServerReport>();
  for (const name of names) {
    const report = await asAdmin(api.switch(switchable(name), enabledBy[verb], io.signal), words);
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
  throw new AppError('usage', `"${name}" is not the name of a server or tool.`, {
    next: "Write SERVER, or SERVER:TOOL with the server's own name for the tool.",
  });
}

function wordsFor(verb: Verb): AdminWords {
  return {
    doing: 'Switching servers',
    command: `devcontainer-gateway ${verb} …`,
    otherwise: `Or write "enabled": ${enabledBy[verb]} (for tools: "disabledTools") in servers.json. The gateway reads the file again by itself.`,
  };
}
