import type { ChildProcess } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';
import { late } from '../../../platform/late';
import { childEnvironment, engineVariables, variablesOf } from './child-environment';
import { endMarkedOf, endUser } from './end-user';
import type { ServerUser } from './server-users';
import { MarkedProcesses } from './marked-processes';

const markerVariable = 'MCP_GATEWAY_CHILD';

/** How long a child may take to exit after its input was closed, and again after SIGTERM. */
const graceMs = 1000;

/** The delay before an ended watchdog is restarted. */
const watchdogRestartMs = 1000;

export interface ChildOptions {
  command: string;
  args: readonly string[];
  env: Readonly<Record<string, string>>;
  cwd: string;
  /** The container, when the child is the engine's client. A container is not a descendant and may outlive its client. */
  container?: string;
  /** The user of the process, when it is not the gateway's own. */
  user?: ServerUser;
}

/**
 * Starts servers, and makes sure that none of them outlives the gateway.
 *
 * Every child has its own process group and a marker in its environment, which its descendants inherit. To stop a child,
 * its input is closed, then its group gets SIGTERM, then SIGKILL. Descendants that left the group are found by the marker.
 * A watchdog shell has a pipe to the gateway and does the same when the gateway itself is killed. A descendant that left
 * the group and also cleared its environment cannot be found, unless its server has a user of its own (`end-user.ts`).
 * In a sidecar the container ends with the gateway, and the kernel ends everything in it.
 */
export class ChildProcesses {
  readonly #instance = randomBytes(8).toString('hex');
  readonly #groups = new Set<number>();
  /** The containers, by the process id of their client. */
  readonly #containers = new Map<number, string>();
  /** The users of the processes that run. */
  readonly #users = new Map<ChildProcess, ServerUser>();
  #watchdog: ChildProcess | undefined;
  #next = 1;
  /** How many children end now, and who waits for them. */
  #ending = 0;
  readonly #waiting: (() => void)[] = [];

  /** `user`: for a process without a user of its own, such as the engine's client. */
  constructor(
    readonly user?: ServerUser,
    readonly marked = new MarkedProcesses(),
  ) {}

  start(options: ChildOptions): { child: ChildProcess; marker: string } {
    this.#startWatchdog();
    const marker = `${this.#instance}/${this.#next++}/`;
    const user = options.user ?? this.user;
    const child = late.childProcess.spawn(options.command, options.args, {
      cwd: options.cwd,
      env: { ...childEnvironment(), ...user?.env, ...options.env, [markerVariable]: marker },
      ...(user && { uid: user.uid, gid: user.gid }),
      stdio: ['pipe', 'pipe', 'pipe'],
      detached: process.platform !== 'win32',
      windowsHide: true,
      shell: process.platform === 'win32' && !/\.(exe|com)$/i.test(options.command),
    });
    const { pid } = child;
    if (pid !== undefined) {
      if (user) {
        this.#users.set(child, user);
        endFirst(pid);
      }
      this.#groups.add(pid);
      if (options.container !== undefined) this.#containers.set(pid, options.container);
      this.#report();
    }
    return { child, marker };
  }

  /** Ends a child and all its descendants. Resolves when none of them is running. */
  async stop(child: ChildProcess, marker: string): Promise<void> {
    const { pid } = child;
    if (pid === undefined) return;
    await this.#ended(child, pid);
    await this.#endDescendants(child, marker);
    this.#groups.delete(pid);
    this.#containers.delete(pid);
    this.#report();
  }

  /** Ends a child, and waits for the others that end now, so that one look finds what all of them have left. */
  async #ended(child: ChildProcess, pid: number): Promise<void> {
    this.#ending += 1;
    child.stdin?.end();
    await ended(child, graceMs);
    signalGroup(pid, 'SIGTERM');
    await ended(child, graceMs);
    signalGroup(pid, 'SIGKILL');
    this.#ending -= 1;
    if (this.#ending > 0) await new Promise<void>((resolve) => this.#waiting.push(resolve));
    else for (const resolve of this.#waiting.splice(0)) resolve();
  }

  /** Ends the descendants of a child that has ended: those that left its group. */
  async #endDescendants(child: ChildProcess, marker: string): Promise<void> {
    const user = this.#users.get(child);
    this.#users.delete(child);
    if (user === undefined || user.uid === process.getuid?.())
      await this.marked.kill(`${markerVariable}=${marker}`);
    else if (user.single) await endUser(user, () => [...this.#users.values()].includes(user));
    else await endMarkedOf(user, `${markerVariable}=${marker}`);
  }

  /** Ends the watchdog. Call this after every child was stopped. */
  dispose(): void {
    this.#watchdog?.stdin?.end();
    this.#watchdog?.unref();
    this.#watchdog = undefined;
  }

  #startWatchdog(): void {
    // In a sidecar everything ends with the container.
    if (this.#watchdog || process.platform === 'win32' || process.pid === 1 || this.user) return;
    const watchdog = late.childProcess.spawn(
      '/bin/sh',
      ['-c', watchdogScript, 'mcp-gateway-watchdog', `${markerVariable}=${this.#instance}/`],
      {
        stdio: ['pipe', 'ignore', 'ignore'],
        detached: true,
        env: { PATH: '/usr/bin:/bin', ...variablesOf(['PATH', 'HOME', ...engineVariables]) },
        cwd: '/',
      },
    );
    watchdog.on('error', () => undefined);
    watchdog.stdin.on('error', () => undefined);
    watchdog.on('exit', () => this.#watchdogEnded(watchdog));
    watchdog.unref();
    this.#watchdog = watchdog;
  }

  /** Restarts the watchdog when it has ended unexpectedly and there are still children. */
  #watchdogEnded(watchdog: ChildProcess): void {
    if (this.#watchdog !== watchdog) return;
    this.#watchdog = undefined;
    setTimeout(() => {
      if (this.#groups.size === 0) return;
      this.#startWatchdog();
      this.#report();
    }, watchdogRestartMs).unref();
  }

  #report(): void {
    const containers = [...this.#containers.values()].join(' ');
    this.#watchdog?.stdin?.write(`${[...this.#groups].join(' ')}|${containers}\n`);
  }
}

/** Waits for the end of its input. Then it ends the reported groups and containers, and all processes with the marker ($1). */
const watchdogScript = `
trap '' INT TERM HUP
groups=
containers=
while read -r line; do groups=\${line%%|*}; containers=\${line#*|}; done
marked() {
  if [ -d /proc/self ]; then grep -ls -- "$1" /proc/[0-9]*/environ 2>/dev/null | sed 's#/proc/##; s#/environ##'
  else ps -axEww -o pid= -o command= | grep -F -- "$1" | grep -v -F mcp-gateway-watchdog | awk '{print $1}'
  fi
}
for group in $groups; do kill -TERM -- "-$group" 2>/dev/null; done
[ -n "$containers" ] && docker rm --force $containers >/dev/null 2>&1 &
round=0
while [ "$round" -lt 20 ]; do
  round=$((round + 1))
  for group in $groups; do [ "$round" -gt 5 ] && kill -KILL -- "-$group" 2>/dev/null; done
  left=$(marked "$1")
  [ -z "$left" ] && [ "$round" -gt 6 ] && break
  [ "$round" -gt 5 ] && for pid in $left; do kill -KILL "$pid" 2>/dev/null; done
  sleep 0.1
done
`;

/** When memory is short, the kernel ends this process and its descendants before the gateway. */
function endFirst(pid: number): void {
  // The process may have ended already.
  writeFile(`/proc/${pid}/oom_score_adj`, '300').catch(() => undefined);
}

/** Sends a signal to a child's group. On Windows, which has no groups, it ends the process tree. */
function signalGroup(pid: number, signal: 'SIGTERM' | 'SIGKILL'): void {
  if (process.platform === 'win32') {
    late.childProcess
      .spawn('taskkill', ['/pid', String(pid), '/T', '/F'], { stdio: 'ignore', windowsHide: true })
      .on('error', () => undefined);
    return;
  }
  try {
    process.kill(-pid, signal);
  } catch {
    // The whole group has ended already.
  }
}

async function ended(child: ChildProcess, timeoutMs: number): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const aborter = new AbortController();
  const exit = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  await Promise.race([exit, delay(timeoutMs, undefined, { signal: aborter.signal }).catch(() => undefined)]);
  aborter.abort();
}
