import path from 'node:path';
import { sidecar } from '../../devcontainer/sidecar';
import { AppError, systemCode } from '../../platform/errors';
import { readRepositoryText, readTextIfExists } from '../../platform/files';

/**
 * The token in a text: a bare token, or the value of `MCP_GATEWAY_AUTH_TOKEN` in an env file. `undefined` when the text
 * holds none. `source` names the place in errors; the token itself is never part of one.
 */
export function tokenIn(text: string, source: string): string | undefined {
  const lines = text.replace(/^\uFEFF/, '').split(/\r\n|\r|\n/);
  const assignment = new RegExp(`^\\s*(?:export\\s+)?${sidecar.tokenVariable}\\s*=(.*)$`);
  const value = lines.map((line) => assignment.exec(line)?.[1]).findLast((found) => found !== undefined);
  if (value !== undefined) return checkedToken(unquoted(value.trim()), source);
  const content = lines.map((line) => line.trim()).filter((line) => line !== '' && !line.startsWith('#'));
  const [only, ...more] = content;
  if (only === undefined) return undefined;
  if (more.length > 0 || /^[A-Za-z_]\w*=/.test(only)) {
    throw new AppError(
      'invalid-file',
      `${source} holds neither a token alone nor a line ${sidecar.tokenVariable}=… .`,
      {
        next: 'Name a file that holds the token alone, or an env file with that variable.',
      },
    );
  }
  return checkedToken(only, source);
}

/** Refuses what cannot be a token; an empty one is none. */
export function checkedToken(token: string, source: string): string | undefined {
  if (token === '') return undefined;
  const variable = token.indexOf('${');
  if (variable !== -1 && token.includes('}', variable)) {
    throw new AppError('unauthorized', `${source} holds the literal text "\${…}" instead of a token.`, {
      next: `The program that started this command did not expand the variable. Set ${sidecar.tokenVariable} where it runs, or remove the entry. The token is then found automatically.`,
    });
  }
  if (!/^[\x21-\x7e]+$/.test(token)) {
    throw new AppError('invalid-value', `${source} holds characters that are not allowed in a token.`, {
      next: 'A token is one word of printable ASCII characters.',
    });
  }
  return token;
}

/** The token in a file; `undefined` when there is no such file, or nothing in it. */
export async function tokenInFile(file: string): Promise<string | undefined> {
  const text = await readRepositoryText(file);
  return text === undefined ? undefined : tokenIn(text, file);
}

/**
 * The same for a place where a token may be: one that this user may not read holds none for him. In a dev container
 * `token.env` can belong to somebody else on the host, and the token is read elsewhere.
 */
export async function tokenIfReadable(file: string): Promise<string | undefined> {
  try {
    return await tokenInFile(file);
  } catch (error) {
    if (['EACCES', 'EPERM'].includes(systemCode(error) ?? '')) return undefined;
    throw error;
  }
}

/** The file named by `--token-file`; it must be there. A person named it, so it may be a pipe. */
export async function requiredTokenFile(file: string, cwd: string): Promise<string> {
  const resolved = path.resolve(cwd, file);
  const token = tokenIn((await readTextIfExists(resolved, { pipes: true })) ?? '', resolved);
  if (token !== undefined) return token;
  throw new AppError('not-found', `The file ${resolved} does not exist or holds no token.`, {
    next: 'Name the file with the gateway token: --token-file FILE.',
  });
}

function unquoted(value: string): string {
  return /^(["'])(.*)\1$/.exec(value)?.[2] ?? value;
}
