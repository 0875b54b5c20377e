import { readTextIfExists } from './files';
import { systemCode } from './errors';
import { run } from './run';

/** A process of this machine, recorded so that it can be recognized later. */
export interface ProcessMark {
  pid: number;
  /** Differs from the identity of a later process with the same id. Empty where the platform does not provide one. */
  identity: string;
}

/** The status of a process. `identity` is `undefined` where the platform does not provide one. */
type ProcessStatus = 'ended' | { identity: string | undefined };

/**
 * A text that two processes with the same id never share: the start time of the process. `undefined` when the process has
 * ended, or the platform does not report the start time.
 */
export async function processIdentity(
  pid: number,
  platform: NodeJS.Platform = process.platform,
): Promise<string | undefined> {
  const sight = await inspect(pid, platform);
  return sight === 'ended' ? undefined : sight.identity;
}

/** Whether a process is still running. Where identities cannot be compared, any process with the same id counts. */
export async function isLiving(
  { pid, identity }: ProcessMark,
  platform: NodeJS.Platform = process.platform,
): Promise<boolean> {
  const sight = await inspect(pid, platform);
  if (sight === 'ended') return false;
  return sight.identity === undefined || identity === '' || sight.identity === identity;
}

/** A zombie counts as ended: it still has its id, but it does no work. */
async function inspect(pid: number, platform: NodeJS.Platform): Promise<ProcessStatus> {
  if (!isAlive(pid)) return 'ended';
  if (platform === 'linux') return await inspectInProc(pid);
  if (platform === 'win32') {
    const script = `(Get-Process -Id ${pid}).StartTime.ToFileTimeUtc()`;
    return { identity: await outputOf('powershell', ['-NoProfile', '-Command', script]) };
  }
  const line = await outputOf('ps', ['-o', 'stat=', '-o', 'lstart=', '-p', String(pid)]);
  const [state = '', ...started] = line?.split(/\s+/) ?? [];
  if (state.startsWith('Z')) return 'ended';
  return { identity: started.length === 0 ? undefined : started.join(' ') };
}

/** Boot id and start time in clock ticks. The process name, in parentheses, may contain spaces. */
async function inspectInProc(pid: number): Promise<ProcessStatus> {
  const [stat, boot] = await Promise.all([
    readTextIfExists(`/proc/${pid}/stat`).catch(() => undefined),
    readTextIfExists('/proc/sys/kernel/random/boot_id').catch(() => undefined),
  ]);
  if (stat === undefined) return { identity: undefined };
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  if (fields[0] === 'Z' || fields[0] === 'X') return 'ended';
  return { identity: `${boot?.trim() ?? ''} ${fields[19] ?? ''}` };
}

/** The output of a program. `undefined` when it prints nothing, fails, or does not exist. */
async function outputOf(command: string, args: readonly string[]): Promise<string | undefined> {
  // Without this, `ps` writes the time in the language and the time zone of the caller.
  const env = { ...process.env, LC_ALL: 'C', TZ: 'UTC' };
  const result = await run(command, args, { env }).catch(() => undefined);
  const text = result?.code === 0 ? result.stdout.trim() : '';
  return text === '' ? undefined : text;
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return systemCode(error) === 'EPERM';
  }
}
