import { randomBytes } from 'node:crypto';
import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import { AppError, messageOf } from '../../platform/errors';
import { readTextIfExists, writeFileAtomic } from '../../platform/files';
import type { Logger } from '../../platform/log';

export interface TokenOptions {
  /** `MCP_GATEWAY_AUTH_TOKEN` of our own environment. */
  fromEnvironment: string | undefined;
  tokenFile: string | undefined;
  publishFile: string | undefined;
  stateDir: string;
}

export interface Token {
  value: string;
  /** The file that holds it; `null` when it came by the environment. */
  file: string | null;
}

/**
 * The client token: from the environment, else from the named file, else the one that was published last time, else
 * generated once in the state folder. Throws when a named file holds no usable token.
 */
export async function loadToken(options: TokenOptions): Promise<Token> {
  if (options.fromEnvironment)
    return { value: checked(options.fromEnvironment.trim(), 'MCP_GATEWAY_AUTH_TOKEN'), file: null };
  if (options.tokenFile !== undefined) {
    const text = await readTextIfExists(options.tokenFile);
    if (text === undefined) {
      throw new AppError('not-found', `there is no token file at ${options.tokenFile}`, {
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
 * The admin token: from the environment, else from the state folder, where it is generated once. Throws when it is not
 * usable or is the client token, which every client has.
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
    throw new AppError('invalid-value', 'the admin token is the client token', {
      next: 'Choose another MCP_GATEWAY_ADMIN_TOKEN: every client has the client token.',
    });
  }
  const generated = randomBytes(32).toString('base64url');
  await writeFileAtomic(file, `${generated}\n`, { mode: 0o600 });
  return generated;
}

/** The token in a file: the bare value, or `MCP_GATEWAY_AUTH_TOKEN=…` of an env file. */
function tokenIn(text: string): string {
  const [, value] = /^(?:export +)?MCP_GATEWAY_AUTH_TOKEN=(.*)$/m.exec(text) ?? [];
  return (value ?? text).trim();
}

function checked(token: string, source: string): string {
  if (/^[\x21-\x7e]{16,}$/.test(token)) return token;
  throw new AppError('invalid-value', `the token in ${source} is not usable`, {
    next: 'A token has at least 16 visible ASCII characters without spaces; 32 random bytes in base64url are best.',
  });
}

/** Writes the token where the dev container can read it; when that fails it is logged, and nothing else. */
export async function publishToken(file: string, token: string, log: Logger): Promise<void> {
  try {
    await mkdir(path.dirname(file), { recursive: true });
    await writeFileAtomic(file, `${token}\n`, { mode: 0o644 });
  } catch (error) {
    // Clients that have the variable still work.
    log.log('warn', `the token could not be published at ${file}: ${messageOf(error)}`);
  }
}
