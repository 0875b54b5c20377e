import type { Stats } from 'node:fs';
import { chmod, lchown, lstat, mkdir, readdir, rename, rm } from 'node:fs/promises';
import path from 'node:path';
import type { Logger } from '../../platform/log';
import { homeFolder, homesFolder, type UserIds } from '../upstream/transports/server-users';

/** The names of the gateway's own files, without what follows a dot: a kind, a part, or when a damaged file was put aside. */
const ownNames: ReadonlySet<string> = new Set([
  ...['secrets', 'admin-token', 'token', 'tokens', 'runtime', 'accepted-settings', 'tools-seen', 'eras'],
  ...['catalogue', 'audit', 'owner'],
]);

/** Whether a file in the state is the gateway's own. Several gateways on standard input number their audits and locks. */
export function isOwnName(name: string): boolean {
  return name === '.gitignore' || ownNames.has((name.split('.', 1)[0] ?? '').replace(/-\d+$/, ''));
}

/**
 * Takes the state folder for the gateway, which is root: its files are closed to other users, who can only enter the folder
 * on the way to their homes. A folder that an earlier version shared with its servers is taken once. What servers put
 * there is moved into the home of the workspace's user, where `MCP_GATEWAY_STATE` now leads. No server runs meanwhile, and no
 * link is followed.
 */
export async function takeState(state: string, workspace: UserIds, log: Logger): Promise<void> {
  const home = path.join(state, homeFolder);
  await makeHome(home, workspace);
  const { uid } = await lstat(state);
  if (uid !== 0) {
    for (const name of await readdir(state))
      if (name !== homeFolder && name !== homesFolder) await takeEntry(state, name, log);
    await lchown(state, 0, 0);
  }
  await chmod(state, 0o711);
  const homes = path.join(state, homesFolder);
  await mkdir(homes, { recursive: true });
  await chmod(homes, 0o711);
}

/** The home of the workspace's user. It keeps its content, because it holds the caches of the servers. */
async function makeHome(home: string, { uid, gid }: UserIds): Promise<void> {
  const found = await lstat(home).catch(() => undefined);
  if (found?.isDirectory() === false) await rm(home);
  await mkdir(home, { recursive: true });
  if (found?.isDirectory() === true && found.uid === uid && (found.mode & 0o077) === 0) return;
  // Without FOWNER, only the owner may change the mode.
  await lchown(home, 0, 0);
  await chmod(home, 0o700);
  await lchown(home, uid, gid);
}

async function takeEntry(state: string, name: string, log: Logger): Promise<void> {
  const file = path.join(state, name);
  const found = await lstat(file);
  // The gateway has just made it.
  if (found.uid === 0) return;
  if (isOwnName(name)) await takeTree(file, found, log);
  else {
    const moved = path.join(state, homeFolder, name);
    const taken = await lstat(moved).catch(() => undefined);
    if (taken === undefined) await rename(file, moved);
    else log.log('warn', `${file} stays, because ${moved} exists. Servers can read it, but not replace it.`);
  }
}

async function takeTree(file: string, found: Stats, log: Logger): Promise<void> {
  if (found.isDirectory()) {
    await lchown(file, 0, 0);
    await chmod(file, 0o700);
    for (const name of await readdir(file)) {
      const inner = path.join(file, name);
      await takeTree(inner, await lstat(inner), log);
    }
  } else if (found.isFile() && found.nlink === 1) {
    await lchown(file, 0, 0);
    await chmod(file, 0o600);
  } else {
    log.log('warn', `${file} was removed, because it is a link or no file, and the gateway did not make it.`);
    await rm(file);
  }
}
