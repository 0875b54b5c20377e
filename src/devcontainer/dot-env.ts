import { AppError, systemCode } from '../platform/errors';
import { readRepositoryText } from '../platform/files';
import type { Environment } from '../platform/environment';
import { interpolate } from './interpolate';

const assignment = /^[\t ]*(?:export[\t ]+)?([A-Za-z_][\w.]*)[\t ]*[=:](.*)$/gm;
const escapes: Readonly<Record<string, string>> = { n: '\n', r: '\r', t: '\t' };

/**
 * The variables of a `.env` file as Compose reads it for `${…}`; none where there is no file. Values refer to those of
 * `env` and to earlier ones.
 */
export async function readDotEnv(file: string, env: Environment): Promise<Record<string, string>> {
  const values: Record<string, string> = {};
  for (const [, name = '', written = ''] of (await textOf(file)).matchAll(assignment))
    values[name] = valueOf(written.trim(), { ...values, ...env });
  return values;
}

/** Single quotes take everything as it is, double quotes know escapes; without any a comment begins after a space. */
function valueOf(written: string, variables: Environment): string {
  const [, single] = /^'([^']*)'/.exec(written) ?? [];
  if (single !== undefined) return single;
  const [, double] = /^"((?:[^"\\]|\\.)*)"/.exec(written) ?? [];
  if (double === undefined) return interpolate(written.replace(/(?:^|[\t ])#[^]*$/, '').trimEnd(), variables);
  const plain = double.replace(/\\(.)/g, (_, mark: string) =>
    mark === '$' ? '$$' : (escapes[mark] ?? mark),
  );
  return interpolate(plain, variables);
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
    return (await readRepositoryText(file)) ?? '';
  } catch (error) {
    // A folder of that name is no environment file.
    if (!(error instanceof AppError && systemCode(error.cause) === 'EISDIR')) throw error;
    return '';
  }
}
