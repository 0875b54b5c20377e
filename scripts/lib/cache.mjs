// What the suites download or build once and keep outside the checkout.
import { mkdir } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';

/** The root of the cache: `$MCP_TEST_CACHE`, else `$XDG_CACHE_HOME`, else `~/.cache`. */
export function cacheRoot(env = process.env) {
  const base = env.MCP_TEST_CACHE || env.XDG_CACHE_HOME || path.join(os.homedir(), '.cache');
  return path.join(base, 'devcontainer-mcp-tests');
}

/** A folder in the cache, created as needed. */
export async function cacheFolder(...parts) {
  const folder = path.join(cacheRoot(), ...parts);
  await mkdir(folder, { recursive: true });
  return folder;
}
