import { createHash } from 'node:crypto';
import { realpath } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import type { Environment } from './environment';
import { product } from './product';

/**
 * The folder for our own state: `$XDG_STATE_HOME/devcontainer-gateway` (default `~/.local/state`), on macOS
 * `~/Library/Application Support/devcontainer-gateway`, on Windows `%LOCALAPPDATA%\devcontainer-gateway`.
 */
function stateRoot(
  env: Environment = process.env,
  platform: NodeJS.Platform = process.platform,
  home = os.homedir(),
): string {
  if (env['XDG_STATE_HOME']) return path.join(env['XDG_STATE_HOME'], product.command);
  if (platform === 'win32')
    return path.win32.join(env['LOCALAPPDATA'] ?? path.win32.join(home, 'AppData', 'Local'), product.command);
  if (platform === 'darwin') return path.posix.join(home, 'Library', 'Application Support', product.command);
  return path.posix.join(home, '.local', 'state', product.command);
}

/** A short stable name for a workspace: a hash of its real path. */
async function workspaceHash(workspace: string): Promise<string> {
  const real = await realpath(workspace);
  const key = process.platform === 'win32' ? real.toLowerCase() : real;
  return createHash('sha256').update(key).digest('hex').slice(0, 16);
}

/** The state folder of one workspace. This function does not create it. */
export async function workspaceStateDir(workspace: string, env: Environment = process.env): Promise<string> {
  return path.join(stateRoot(env), await workspaceHash(workspace));
}
