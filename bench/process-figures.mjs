// What the system tells about a process (Linux).
import { readdirSync, readFileSync } from 'node:fs';

/** CPU time of all threads of a process that are alive, in microseconds. */
export function cpuMicroseconds(pid) {
  let nanoseconds = 0;
  for (const thread of readdirSync(`/proc/${pid}/task`)) {
    nanoseconds += Number(readFileSync(`/proc/${pid}/task/${thread}/schedstat`, 'utf8').split(' ')[0]);
  }
  return nanoseconds / 1000;
}

/** CPU time of the children of this process that have ended, in milliseconds; the system counts in steps of 10. */
export function cpuOfChildren() {
  const fields = readFileSync('/proc/self/stat', 'utf8').split(') ').at(-1).split(' ');
  return (Number(fields[13]) + Number(fields[14])) * 10;
}

/** What a process holds in MB, pages that it shares with others counted by its share. */
export function proportionalMegabytes(pid) {
  const rollup = readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8');
  return Number(/^Pss:\s+(\d+)/m.exec(rollup)?.[1] ?? NaN) / 1024;
}

/** Resident memory of a process, in MB. */
export function residentMegabytes(pid) {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8');
  return Number(/VmRSS:\s+(\d+)/.exec(status)?.[1] ?? NaN) / 1024;
}

/** The processes that a process has started, and those that these have started. */
export function descendants(pid) {
  const parents = readdirSync('/proc').flatMap((name) => (/^\d+$/.test(name) ? parentOf(name) : []));
  const below = (one) =>
    parents.flatMap(({ pid: child, parent }) => (parent === one ? [child, ...below(child)] : []));
  return below(pid);
}

function parentOf(pid) {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    // The name of the program stands in parentheses and may hold anything.
    const [state, parent] = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return state === 'Z' ? [] : { pid: Number(pid), parent: Number(parent) };
  } catch {
    return [];
  }
}
