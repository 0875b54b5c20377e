import path from 'node:path';
import { findConfigurations } from '../devcontainer/find';
import { sidecar } from '../devcontainer/sidecar';
import { tokenIfReadable } from '../gateway/resolve/token';
import { ensureTokenEnv, tokenEnvFile } from '../gateway/resolve/token-env';
import { exists } from '../platform/files';

/** Writes the token file of each wired configuration of a folder, where it is missing. */
export async function writeTokenFiles(folder: string, token: string): Promise<void> {
  for (const config of await findConfigurations(folder)) {
    const configDir = path.dirname(config);
    if (!(await exists(path.join(configDir, sidecar.composeFile)))) continue;
    if ((await tokenIfReadable(tokenEnvFile(configDir))) !== undefined) continue;
    await ensureTokenEnv({ workspace: folder, configDir }, () => Promise.resolve(token));
  }
}
