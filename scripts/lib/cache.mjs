// What the suites download or build once and keep outside the checkout.
import { mkdir } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

/**
 * The root of the cache: `$MCP_TEST_CACHE`; else with CI=true below `$XDG_CACHE_HOME` or `~/.cache`, where it outlives the
 * checkout; else `.cache/` of the checkout.
 */
function cacheRoot(env = process.env) {
  if (env.MCP_TEST_CACHE) return path.join(env.MCP_TEST_CACHE, 'devcontainer-gateway-tests');
  if (env.CI !== 'true') return fileURLToPath(new URL('../../.cache', import.meta.url));
  return path.join(env.XDG_CACHE_HOME || path.join(os.homedir(), '.cache'), 'devcontainer-gateway-tests');
}

/** A folder in the cache, created as needed. */
export async function cacheFolder(...parts) {
  const folder = path.join(cacheRoot(), ...parts);
  await mkdir(folder, { recursive: true });
  return folder;
}
