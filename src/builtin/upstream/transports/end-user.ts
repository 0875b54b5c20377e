import { readdir, readFile } from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';
import { late } from '../../../platform/late';
import type { UserIds } from './server-users';

/**
 * Ends what a server with another user than the gateway has left behind. The gateway can signal these processes, but the
 * kernel does not let it read their environment, where the marker is.
 */
const rounds = 20;
const roundMs = 20;

/**
 * Kills every process of a user that only one server has. A process cannot leave its user, whatever else it clears. Stops
 * when `inUse` says that the server was started again.
 */
export async function endUser(user: UserIds, inUse: () => boolean): Promise<void> {
  for (let round = 0; round < rounds; round += 1) {
    const pids = await processesOf(user.uid);
    if (pids.length === 0 || inUse()) return;
    for (const pid of pids) {
      try {
        process.kill(pid, 'SIGKILL');
      } catch {
        // The process ended before the signal was sent.
      }
    }
    // It ends all processes of its user in one step, so that none of them can start another one meanwhile.
    if (round > 0) await runAs(user, 'kill -KILL -1');
    await delay(roundMs);
  }
}

/** Kills all processes of a user that have the text in their environment. */
export async function endMarkedOf(user: UserIds, marker: string): Promise<void> {
  await runAs(user, markedScript, marker);
}

const markedScript = `
round=0
while [ "$round" -lt ${rounds} ]; do
  left=$(grep -ls -- "$1" /proc/[0-9]*/environ 2>/dev/null | sed 's#/proc/##; s#/environ##')
  [ -z "$left" ] && break
  kill -KILL $left 2>/dev/null
  round=$((round + 1))
done
`;

/** Runs a script of the shell as the user. A failure to start it is the same as a script that finds nothing. */
async function runAs({ uid, gid }: UserIds, script: string, ...args: string[]): Promise<void> {
  const shell = late.childProcess.spawn('/bin/sh', ['-c', script, 'mcp-gateway', ...args], {
    ...{ uid, gid, cwd: '/', stdio: 'ignore' },
    env: { PATH: '/usr/bin:/bin' },
  });
  await new Promise<void>((resolve) => void shell.on('error', () => resolve()).on('exit', () => resolve()));
}

async function processesOf(uid: number): Promise<number[]> {
  const names = (await readdir('/proc')).filter((name) => /^\d+$/.test(name));
  const found = await Promise.all(
    names.map(async (name) => {
      const status = await readFile(`/proc/${name}/status`, 'latin1').catch(() => '');
      return isOf(uid, status) ? [Number(name)] : [];
    }),
  );
  return found.flat();
}

/** Whether a process, by its `/proc/…/status`, has the user and is not a zombie. */
function isOf(uid: number, status: string): boolean {
  return new RegExp(`^Uid:\\s+${uid}\\s`, 'm').test(status) && !/^State:\s+[ZX]/m.test(status);
}
