import type { LooserSettings } from '../servers/api-types';
import { AppError } from '../platform/errors';
import { step } from '../platform/next-step';
import { asAdmin, openAdminApi, type AdminOptions, type AdminWords } from './admin';
import { printJson, type CliIo } from './io';

const words: AdminWords = {
  doing: 'Handling settings',
  command: 'devcontainer-gateway settings …',
  otherwise: 'Or remove the setting from servers.json. The gateway reads the file again by itself.',
};

export interface AcceptOptions extends AdminOptions {
  all?: boolean;
}

/** `settings ls`: the settings of servers.json that guard less than is accepted, and what is accepted. */
export async function listSettings(io: CliIo, options: AdminOptions): Promise<void> {
  const api = await openAdminApi(io, options, words);
  print(io, await asAdmin(api.looserSettings(io.signal), words), options);
}

/** `settings accept`: lets settings of servers.json count as they are now. */
export async function acceptSettings(io: CliIo, names: string[], options: AcceptOptions): Promise<void> {
  if ((names.length === 0) === (options.all !== true))
    throw new AppError('usage', 'Name the settings to accept, or pass --all, and not both.', {
      next: step('See which there are.', 'settings ls'),
    });
  const api = await openAdminApi(io, options, words);
  const { looser } = await asAdmin(api.looserSettings(io.signal), words);
  const chosen = options.all === true ? looser : names.map((name) => named(name, looser));
  const accepted = Object.fromEntries(chosen.map(({ setting, asked }) => [setting, asked]));
  const document = await asAdmin(api.acceptSettings(accepted, io.signal), words);
  if (options.json !== true)
    for (const { setting, asked } of chosen) io.stdout(`${setting} is ${String(asked)} now.\n`);
  print(io, document, options);
}

function named(name: string, looser: LooserSettings['looser']): LooserSettings['looser'][number] {
  const found = looser.find(({ setting }) => setting === name.replace(/^gateway\./, ''));
  if (found) return found;
  throw new AppError('not-found', `servers.json does not make "${name}" looser than it is.`, {
    next: step('See which settings can be accepted.', 'settings ls'),
  });
}

function print(io: CliIo, document: LooserSettings, options: AdminOptions): void {
  if (options.json === true) {
    printJson(io, document);
    return;
  }
  const { looser, accepted } = document;
  for (const { setting, asked, used } of looser)
    io.stdout(`${setting}: ${String(used)} is used. servers.json asks for ${String(asked)}.\n`);
  for (const [setting, value] of Object.entries(accepted))
    io.stdout(`${setting}: ${String(value)} is accepted.\n`);
  if (looser.length === 0) io.stderr('servers.json makes no guard looser than it is.\n');
  else io.stderr('Next: devcontainer-gateway settings accept SETTING\n');
}
