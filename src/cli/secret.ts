import { AppError } from '../platform/errors';
import { variableName } from '../servers/variables-file';
import { asAdmin, openAdminApi, type AdminOptions, type AdminWords } from './admin';
import { printJson, type CliIo } from './io';
import { secretValue } from './secret-value';

const words: AdminWords = {
  doing: 'handling secrets',
  command: 'devcontainer-gateway secret …',
  otherwise:
    "Or write NAME=value into secrets.env in the gateway's state folder: the gateway reads it by itself.",
};

/** `secret set`: takes the value from a question or from standard input, and never prints it. */
export async function setSecret(io: CliIo, name: string, options: AdminOptions): Promise<void> {
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

/** `secret ls`: names alone. */
export async function listSecrets(io: CliIo, options: AdminOptions): Promise<void> {
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

/** `secret rm`. */
export async function removeSecret(io: CliIo, name: string, options: AdminOptions): Promise<void> {
  const api = await openAdminApi(io, options, words);
  await asAdmin(api.removeSecret(name, io.signal), words);
  if (options.json === true) printJson(io, { name });
  else io.stdout(`${name} is removed; the servers that refer to it start anew.\n`);
}
