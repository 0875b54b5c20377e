import { readdir, readFile } from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';
import { Batch } from '../../../platform/batch';
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
    const pids = (await users.ask(user.uid)).get(user.uid) ?? [];
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

const marked = new Map<number, Batch<string, void>>();

/** Kills all processes of a user that have the text in their environment. One look serves everyone who asks at one time. */
export async function endMarkedOf(user: UserIds, marker: string): Promise<void> {
  const known =
    marked.get(user.uid) ??
    new Batch<string, void>(async (markers) =>
      runAs(user, markedScript, ...[...markers].flatMap((one) => ['-e', one])),
    );
  marked.set(user.uid, known);
  await known.ask(marker);
}

const markedScript = `
round=0
while [ "$round" -lt ${rounds} ]; do
  left=$(grep -lsF "$@" /proc/[0-9]*/environ 2>/dev/null | sed 's#/proc/##; s#/environ##')
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

const users = new Batch<number, ReadonlyMap<number, number[]>>(processesOf);

/** The processes of each of the users, without zombies. */
async function processesOf(uids: ReadonlySet<number>): Promise<ReadonlyMap<number, number[]>> {
  const found = new Map<number, number[]>();
  const names = (await readdir('/proc')).filter((name) => /^\d+$/.test(name));
  await Promise.all(
    names.map(async (name) => {
      const status = await readFile(`/proc/${name}/status`, 'latin1').catch(() => '');
      const uid = Number(/^Uid:\s+(\d+)\s/m.exec(status)?.[1]);
      if (uids.has(uid) && !/^State:\s+[ZX]/m.test(status))
        found.set(uid, [...(found.get(uid) ?? []), Number(name)]);
    }),
  );
  return found;
}
