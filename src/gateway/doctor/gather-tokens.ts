import type { GatewayAddress } from '../address';
import { sidecar } from '../../devcontainer/sidecar';
import { AppError } from '../../platform/errors';
import { exists, modeOf } from '../../platform/files';
import { isIgnored } from '../../platform/git';
import { probe } from '../resolve/probe';
import { checkedToken, tokenInFile } from '../resolve/token';
import { tokenEnvFile } from '../resolve/token-env';
import type { Facts, TokenFact, TokenTrial } from './facts';
import { troubleOf } from './trouble';

interface Places {
  configDir: string;
  env: NodeJS.ProcessEnv;
  /** Where the tokens are tried. */
  address: GatewayAddress | undefined;
  signal: AbortSignal;
}

/** Finds the client token at every place, and tries each at the gateway. */
export async function tokenFacts({ configDir, env, address, signal }: Places): Promise<Facts['tokens']> {
  const file = tokenEnvFile(configDir);
  const judge = async (read: () => Promise<string | undefined>): Promise<TokenFact> => {
    try {
      const token = await read();
      return token === undefined
        ? { found: 'no' }
        : { found: 'yes', trial: await trial(token, address, signal) };
    } catch (error) {
      signal.throwIfAborted();
      return { found: 'unusable', trouble: troubleOf(error) };
    }
  };
  const value = env[sidecar.tokenVariable]?.trim() ?? '';
  return {
    variable: await judge(() => Promise.resolve(checkedToken(value, sidecar.tokenVariable))),
    published: await judge(async () => await tokenInFile(sidecar.tokenMountFile)),
    file: {
      file,
      token: await judge(async () => await tokenInFile(file)),
      mode: process.platform === 'win32' ? undefined : await modeOf(file),
      ignored: (await exists(file)) ? await isIgnored(file, env) : 'unknown',
    },
  };
}

async function trial(
  token: string,
  address: GatewayAddress | undefined,
  signal: AbortSignal,
): Promise<TokenTrial> {
  if (!address) return 'untested';
  try {
    await probe({ ...address, kind: undefined, tokens: [token] }, signal);
    return 'accepted';
  } catch (error) {
    signal.throwIfAborted();
    return error instanceof AppError && error.code === 'unauthorized' ? 'refused' : 'untested';
  }
}
