import path from 'node:path';
import { committedTokenNote, isCommittedToken, newTokenFile } from '../../devcontainer/own-files';
import { sidecar } from '../../devcontainer/sidecar';
import { requireWithin, writableFolders } from '../../devcontainer/write-targets';
import { writeFileAtomic } from '../../platform/files';
import { checkedToken, tokenInFile } from './token';

/** Where the wiring keeps the client token of a configuration. */
export function tokenEnvFile(configDir: string): string {
  return path.join(configDir, sidecar.folder, sidecar.tokenFile);
}

/**
 * Makes sure that `token.env` is there, and returns its token. A missing one is written (0600, in one step) with the
 * token that a running gateway published, so that its clients go on, else with a new one. One that is committed to Git,
 * so that others know it, is replaced by a new one, and `note` says so. A folder that leads out of the
 * workspace is refused.
 */
export async function ensureTokenEnv(
  { workspace, configDir }: { workspace: string; configDir: string },
  published: () => Promise<string | undefined>,
  env: NodeJS.ProcessEnv = process.env,
): Promise<{ token: string; written: boolean; note?: string }> {
  const file = tokenEnvFile(configDir);
  const present = await tokenInFile(file);
  const committed = present !== undefined && (await isCommittedToken(file, env));
  if (present !== undefined && !committed) return { token: present, written: false };
  const folders = await writableFolders(workspace, path.join(configDir, sidecar.composeFile));
  await requireWithin(path.dirname(file), folders);
  // A gateway that runs has the committed token too.
  const text = committed ? newTokenFile() : await publishedLine(published);
  await writeFileAtomic(file, text, { mode: 0o600 });
  const token = (await tokenInFile(file)) ?? '';
  return { token, written: true, ...(committed ? { note: committedTokenNote(file) } : {}) };
}

async function publishedLine(published: () => Promise<string | undefined>): Promise<string> {
  const token = checkedToken((await published())?.trim() ?? '', sidecar.tokenMountFile);
  return token === undefined ? newTokenFile() : `${sidecar.tokenVariable}=${token}\n`;
}
