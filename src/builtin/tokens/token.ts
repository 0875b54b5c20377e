import { randomBytes } from 'node:crypto';
import { chown, lchown, mkdir } from 'node:fs/promises';
import path from 'node:path';
import { AppError, messageOf } from '../../platform/errors';
import { readTextIfExists, writeFileAtomic } from '../../platform/files';
import type { Logger } from '../../platform/log';
import { sentence } from '../../platform/sentence';

export interface TokenOptions {
  /** `MCP_GATEWAY_AUTH_TOKEN` of the gateway's environment. */
  fromEnvironment: string | undefined;
  tokenFile: string | undefined;
  publishFile: string | undefined;
  stateDir: string;
}

export interface Token {
  value: string;
  /** The file with the token. `null` when the token comes from the environment. */
  file: string | null;
}

/**
 * The client token. It is taken from the environment, else from the token file, else from the published file of an earlier
 * run, else from the state folder, where it is generated once. Throws when a given token is missing or not valid.
 */
export async function loadToken(options: TokenOptions): Promise<Token> {
  if (options.fromEnvironment)
    return { value: checked(options.fromEnvironment.trim(), 'MCP_GATEWAY_AUTH_TOKEN'), file: null };
  if (options.tokenFile !== undefined) {
    const text = await readTextIfExists(options.tokenFile, { pipes: true });
    if (text === undefined) {
      throw new AppError('not-found', `There is no token file at ${options.tokenFile}.`, {
        next: 'Name an existing file with --token-file.',
      });
    }
    return { value: checked(tokenIn(text), options.tokenFile), file: options.tokenFile };
  }
  const stateFile = path.join(options.stateDir, 'token');
  for (const file of options.publishFile === undefined ? [stateFile] : [options.publishFile, stateFile]) {
    const text = await readTextIfExists(file);
    if (text?.trim()) return { value: checked(text.trim(), file), file };
  }
  const value = randomBytes(32).toString('base64url');
  await writeFileAtomic(stateFile, `${value}\n`, { mode: 0o600 });
  return { value, file: stateFile };
}

/**
 * The admin token. It is taken from the environment, else from the state folder, where it is generated once. Throws when
 * it is not valid, or equals the client token, which every client has.
 */
export async function loadAdminToken(
  fromEnvironment: string | undefined,
  stateDir: string,
  clientToken: string,
): Promise<string> {
  const file = path.join(stateDir, 'admin-token');
  const given = fromEnvironment?.trim();
  const value = given || (await readTextIfExists(file))?.trim();
  if (value) {
    const token = checked(value, given ? 'MCP_GATEWAY_ADMIN_TOKEN' : file);
    if (token !== clientToken) return token;
    throw new AppError('invalid-value', 'The admin token and the client token are the same.', {
      next: 'Choose another MCP_GATEWAY_ADMIN_TOKEN, because every client has the client token.',
    });
  }
  const generated = randomBytes(32).toString('base64url');
  await writeFileAtomic(file, `${generated}\n`, { mode: 0o600 });
  return generated;
}

/** The token in a file: the plain value, or the line `MCP_GATEWAY_AUTH_TOKEN=…` of an env file. */
function tokenIn(text: string): string {
  const [, value] = /^(?:export +)?MCP_GATEWAY_AUTH_TOKEN=(.*)$/m.exec(text) ?? [];
  return (value ?? text).trim();
}

function checked(token: string, source: string): string {
  if (/^[\x21-\x7e]{16,}$/.test(token)) return token;
  throw new AppError('invalid-value', `The token in ${source} is not valid.`, {
    next: 'Use at least 16 visible ASCII characters without spaces. 32 random bytes in base64url are best.',
  });
}

/**
 * Writes the token to a file that the dev container can read. The file belongs to `owner`, when the gateway has another
 * user. Its folder then belongs to the gateway, so that no server can replace the token. A failure is only logged.
 */
export async function publishToken(
  file: string,
  token: string,
  log: Logger,
  owner?: { uid: number; gid: number },
): Promise<void> {
  try {
    const folder = path.dirname(file);
    await mkdir(folder, { recursive: true });
    if (owner) await chown(folder, 0, 0);
    await writeFileAtomic(file, `${token}\n`, { mode: 0o644 });
    if (owner) await lchown(file, owner.uid, owner.gid);
  } catch (error) {
    // Clients that have the token in a variable still work.
    log.log('warn', sentence(`The token could not be written to ${file}: ${messageOf(error)}`));
  }
}
