import { readTextIfExists } from './files';
import { systemCode } from './errors';
import { run } from './run';

/**
 * A text that two processes with the same id never share: when the process was started. `undefined` when there is no
 * such process, or the platform does not tell.
 */
export async function processIdentity(
  pid: number,
  platform: NodeJS.Platform = process.platform,
): Promise<string | undefined> {
  if (!isAlive(pid)) return undefined;
  if (platform === 'linux') return await linuxIdentity(pid);
  const [command, ...args] =
    platform === 'win32'
      ? ['powershell', '-NoProfile', '-Command', `(Get-Process -Id ${pid}).StartTime.ToFileTimeUtc()`]
      : ['ps', '-o', 'lstart=', '-p', String(pid)];
  // `ps` writes the time in the language and the time zone of whoever asks.
  const env = { ...process.env, LC_ALL: 'C', TZ: 'UTC' };
  const result = await run(command, args, { env }).catch(() => undefined);
  const text = result?.code === 0 ? result.stdout.trim() : '';
  return text === '' ? undefined : text;
}

/** Boot id and start time in clock ticks. The name, in parentheses, may hold spaces. A zombie has ended. */
async function linuxIdentity(pid: number): Promise<string | undefined> {
  const [stat, boot] = await Promise.all([
    readTextIfExists(`/proc/${pid}/stat`).catch(() => undefined),
    readTextIfExists('/proc/sys/kernel/random/boot_id').catch(() => undefined),
  ]);
  const fields = stat?.slice(stat.lastIndexOf(')') + 2).split(' ');
  if (!fields || fields[0] === 'Z' || fields[0] === 'X') return undefined;
  return `${boot?.trim() ?? ''} ${fields[19] ?? ''}`;
}

/** Whether a process of this id exists. */
export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return systemCode(error) === 'EPERM';
  }
}
