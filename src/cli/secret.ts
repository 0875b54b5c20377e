import type { Command } from 'commander';
import { AppError } from '../platform/errors';
import { variableName } from '../servers/variables-file';
import { asAdmin, openAdminApi, withAdminOptions, type AdminOptions, type AdminWords } from './admin';
import { printJson, type CliIo } from './io';
import { run } from './run';
import { secretValue } from './secret-value';

const words: AdminWords = {
  doing: 'handling secrets',
  command: 'devcontainer-gateway secret …',
  otherwise:
    "Or write NAME=value into secrets.env in the gateway's state folder: the gateway reads it by itself.",
};

/** `secret`: the values behind `${NAME}` in `servers.json`, kept in the gateway's state and never printed. */
export function registerSecret(program: Command): void {
  const secret = program
    .command('secret')
    .description('set, list and remove the values that servers.json refers to as ${NAME}');
  withAdminOptions(secret.command('set'))
    .description('set a secret: its value is asked for, or read from standard input')
    .argument('<name>', 'the name that stands as ${NAME} in servers.json')
    .action(
      async (name: string, options: AdminOptions) =>
        await run(options, async (io) => await setSecret(io, name, options)),
    );
  withAdminOptions(secret.command('ls'))
    .description('list the names of the secrets, and of those that servers need and that have no value')
    .action(
      async (options: AdminOptions) => await run(options, async (io) => await listSecrets(io, options)),
    );
  withAdminOptions(secret.command('rm'))
    .description('remove a secret')
    .argument('<name>', 'the name of the secret')
    .action(
      async (name: string, options: AdminOptions) =>
        await run(options, async (io) => await removeSecret(io, name, options)),
    );
}

async function setSecret(io: CliIo, name: string, options: AdminOptions): Promise<void> {
  // The name is not repeated: who writes NAME=value has put the value there.
  if (!variableName.test(name))
    throw new AppError('usage', 'this is not the name of a secret', {
      next: 'Name it by letters, digits and "_". Its value is no argument: it is asked for, or read from standard input.',
    });
  const api = await openAdminApi(io, options, words);
  await asAdmin(api.setSecret(name, await secretValue(io, name), io.signal), words);
  if (options.json === true) printJson(io, { name });
  else io.stdout(`${name} is set; the servers that refer to it start anew.\n`);
}

async function listSecrets(io: CliIo, options: AdminOptions): Promise<void> {
  const api = await openAdminApi(io, options, words);
  const document = await asAdmin(api.secrets(io.signal), words);
  if (options.json === true) {
    printJson(io, document);
    return;
  }
  const { secrets, missing } = document;
  io.stdout(secrets.map((name) => `${name}\n`).join(''));
  if (secrets.length === 0) io.stderr('No secret is set.\n');
  for (const { name, servers } of missing)
    io.stderr(
      `${name} has no value: ${servers.join(', ')}\n  Next: devcontainer-gateway secret set ${name}\n`,
    );
}

async function removeSecret(io: CliIo, name: string, options: AdminOptions): Promise<void> {
  const api = await openAdminApi(io, options, words);
  await asAdmin(api.removeSecret(name, io.signal), words);
  if (options.json === true) printJson(io, { name });
  else io.stdout(`${name} is removed; the servers that refer to it start anew.\n`);
}
