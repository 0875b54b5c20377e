import { systemCode } from '../platform/errors';
import { readTextIfExists } from '../platform/files';

/** The variables of a `.env` file as Compose reads it for `${…}`; none where there is no file. */
export async function readDotEnv(file: string): Promise<Record<string, string>> {
  const text = await textOf(file);
  const pairs = [...text.matchAll(/^[\t ]*(?:export[\t ]+)?([A-Za-z_]\w*)[\t ]*=[\t ]*(.*?)[\t ]*\r?$/gm)];
  return Object.fromEntries(
    pairs.map(([, name = '', value = '']) => [name, value.replace(/^(["'])(.*)\1$/, '$2')]),
  );
}

/** One value of a `.env` file, or `undefined`. Only what the Dev Containers CLI reads: `NAME=value`, trimmed. */
export async function dotEnvValue(file: string, name: string): Promise<string | undefined> {
  return new RegExp(`^${name}=(.+)$`, 'm')
    .exec(await textOf(file))?.[1]
    ?.trim()
    .replace(/^(["'])(.*)\1$/, '$2');
}

async function textOf(file: string): Promise<string> {
  try {
    return (await readTextIfExists(file)) ?? '';
  } catch (error) {
    // A folder of that name is no environment file.
    if (systemCode(error) !== 'EISDIR') throw error;
    return '';
  }
}
