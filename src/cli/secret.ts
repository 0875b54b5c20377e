import { AppError } from '../platform/errors';
import { variableName } from '../servers/variables-file';
import { asAdmin, openAdminApi, type AdminOptions, type AdminWords } from './admin';
import { printJson, type CliIo } from './io';
import { secretValue } from './secret-value';

const words: AdminWords = {
  doing: 'Handling secrets',
  command: 'devcontainer-gateway secret …',
  otherwise:
    "Or write NAME=value into secrets.env in the gateway's state folder. The gateway reads the file by itself.",
};

/** `secret set`: takes the value from a question or from standard input, and never prints it. */
export async function setSecret(io: CliIo, name: string, options: AdminOptions): Promise<void> {
  // The message does not repeat the name: a person who writes NAME=value has put the value there.
  if (!variableName.test(name))
    throw new AppError('usage', 'This is not a valid name for a secret.', {
      next: 'Use letters, digits and "_". Do not pass the value as an argument: the command asks for it, or reads it from standard input.',
    });
  const api = await openAdminApi(io, options, words);
  await asAdmin(api.setSecret(name, await secretValue(io, name), io.signal), words);
  if (options.json === true) printJson(io, { name });
  else io.stdout(`${name} is set. The servers that refer to it restart.\n`);
}

/** `secret ls`: the names only. */
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
  else io.stdout(`${name} is removed. The servers that refer to it restart.\n`);
}
