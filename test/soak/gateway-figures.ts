import { readdirSync, readFileSync } from 'node:fs';
import { readFile, rm } from 'node:fs/promises';
import path from 'node:path';
import { eventually } from '../support/eventually';
import type { TestGateway } from '../support/gateway';
import { processesWith } from '../support/processes';
import { servers } from './soak';

/** What a long run must not let grow. */
export interface Figures {
  /** In bytes, after a forced collection. */
  heap: number;
  descriptors: number;
  processes: number;
  zombies: number;
}

/** The environment of a gateway whose heap can be measured by {@link figuresOf}; `file` is for the two alone. */
export function measurable(file: string): Record<string, string> {
  return {
    NODE_OPTIONS: `--require=${path.join(servers, 'memory-probe.cjs')}`,
    MCP_SOAK_PROBE: file,
  };
}

/** `mark` stands in the environment of every child. */
export async function figuresOf(gateway: TestGateway, file: string, mark: string): Promise<Figures> {
  const pid = gateway.process.pid ?? -1;
  await rm(file, { force: true });
  gateway.process.kill('SIGUSR2');
  const heap = Number(
    await eventually(async () => await readFile(file, 'utf8').catch(() => undefined), 'the heap'),
  );
  return {
    heap,
    descriptors: readdirSync(`/proc/${pid}/fd`).length,
    processes: processesWith(mark).length,
    zombies: zombiesOf(pid),
  };
}

/** Children that have ended and that nobody has waited for. */
function zombiesOf(parent: number): number {
  const pids = readdirSync('/proc').filter((name) => /^\d+$/.test(name));
  return pids.filter((pid) => {
    try {
      const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
      return new RegExp(`^\\d+ \\(.*\\) Z ${parent} `, 's').test(stat);
    } catch {
      // It ended while it was looked at.
      return false;
    }
  }).length;
}
