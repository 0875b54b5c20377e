import { lstatSync, mkdirSync } from 'node:fs';
import module from 'node:module';
import os from 'node:os';
import path from 'node:path';
import { product } from './product';

type Environment = Record<string, string | undefined>;

/**
 * Lets Node keep the code that it compiles for the next start (`module.enableCompileCache`, Node 22.8). Where Node cannot,
 * or the folder is not the user's own, every start compiles again, and nothing else changes. What a person has set for
 * Node itself stays as it is.
 */
export function keepCompiledCode(env: Environment = process.env): void {
  if (!('enableCompileCache' in module) || typeof module.enableCompileCache !== 'function') return;
  if (env['NODE_COMPILE_CACHE'] || env['NODE_DISABLE_COMPILE_CACHE']) return;
  const folder = ownFolder(path.join(cacheRoot(env), 'compiled'));
  if (folder !== undefined) void Reflect.apply(module.enableCompileCache, module, [folder]);
}

/**
 * The folder for what can be made again: `$XDG_CACHE_HOME/devcontainer-gateway` (default `~/.cache`), on macOS
 * `~/Library/Caches/devcontainer-gateway`, on Windows `%LOCALAPPDATA%\devcontainer-gateway\cache`.
 */
export function cacheRoot(
  env: Environment,
  platform: NodeJS.Platform = process.platform,
  home = os.homedir(),
): string {
  if (env['XDG_CACHE_HOME']) return path.join(env['XDG_CACHE_HOME'], product.command);
  if (platform === 'win32')
    return path.win32.join(
      env['LOCALAPPDATA'] ?? path.win32.join(home, 'AppData', 'Local'),
      product.command,
      'cache',
    );
  if (platform === 'darwin') return path.posix.join(home, 'Library', 'Caches', product.command);
  return path.posix.join(home, '.cache', product.command);
}

/**
 * The folder, made where it is missing. Code is run from it: `undefined` where it is a link, another user's, or one that
 * others may write to.
 */
export function ownFolder(folder: string): string | undefined {
  try {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    const { mode, uid } = lstatSync(folder);
    const isFolder = (mode & 0o170000) === 0o040000;
    const own = process.getuid === undefined || (uid === process.getuid() && (mode & 0o022) === 0);
    return isFolder && own ? folder : undefined;
  } catch {
    return undefined;
  }
}
