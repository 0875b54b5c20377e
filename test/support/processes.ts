import { readdirSync, readFileSync } from 'node:fs';

/** The processes that are alive (not zombies) and carry `NAME=value` in their environment or `text` in their arguments. Linux. */
export function processesWith(text: string): number[] {
  const pids = readdirSync('/proc').filter((name) => /^\d+$/.test(name));
  return pids.flatMap((pid) => {
    try {
      const command = readFileSync(`/proc/${pid}/cmdline`, 'latin1');
      const environment = readFileSync(`/proc/${pid}/environ`, 'latin1');
      const zombie = /^\d+ \(.*\) Z/s.test(readFileSync(`/proc/${pid}/stat`, 'latin1'));
      return !zombie && (command.includes(text) || environment.includes(text)) ? [Number(pid)] : [];
    } catch {
      // It ended while it was looked at.
      return [];
    }
  });
}
