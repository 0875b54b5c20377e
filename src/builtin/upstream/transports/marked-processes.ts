import { readdir, readFile } from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';
import { Batch } from '../../../platform/batch';

const rounds = 20;
const roundMs = 20;

/** Finds the processes of this machine that have one of the variables, such as `NAME=value`: their ids by variable. */
export type FindProcesses = (variables: ReadonlySet<string>) => Promise<ReadonlyMap<string, number[]>>;

/**
 * Kills the processes that have a variable in their environment. One look at all processes serves everyone who asks at one
 * time, because the cost is that of reading every process of the machine.
 */
export class MarkedProcesses {
  readonly #batch = new Batch<string, void>(async (variables) => this.#kill(variables));

  constructor(readonly find: FindProcesses = findProcesses) {}

  /** Resolves when no process with the variable is running. */
  async kill(variable: string): Promise<void> {
    await this.#batch.ask(variable);
  }

  async #kill(variables: ReadonlySet<string>): Promise<void> {
    let left = variables;
    for (let round = 0; round < rounds && left.size > 0; round += 1) {
      if (round > 0) await delay(roundMs);
      const found = await this.find(left);
      for (const pid of [...found.values()].flat()) kill(pid);
      left = new Set(found.keys());
    }
  }
}

function kill(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // The process ended before the signal was sent.
  }
}

/** Only on Linux, where the environment of other processes can be read. */
async function findProcesses(variables: ReadonlySet<string>): Promise<ReadonlyMap<string, number[]>> {
  const found = new Map<string, number[]>();
  if (process.platform !== 'linux') return found;
  const names = (await readdir('/proc')).filter((name) => /^\d+$/.test(name));
  await Promise.all(
    names.map(async (name) => {
      // When it cannot be read, the process belongs to another user or has just ended. Neither must be killed.
      const environment = await readFile(`/proc/${name}/environ`, 'latin1').catch(() => '');
      const variable = environment.split('\0').find((one) => variables.has(one));
      if (variable === undefined || (await isZombie(name))) return;
      found.set(variable, [...(found.get(variable) ?? []), Number(name)]);
    }),
  );
  return found;
}

async function isZombie(pid: string): Promise<boolean> {
  const stat = await readFile(`/proc/${pid}/stat`, 'latin1').catch(() => '');
  return stat === '' || /^\d+ \(.*\) Z/s.test(stat);
}
