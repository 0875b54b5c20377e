import path from 'node:path';
import { longPatienceMs } from '../support/eventually';

/** How much of the full counts to run: 1 by `npm run test:soak`, less where time is short. */
const scale = Number(process.env['MCP_SOAK_SCALE'] ?? '1');

/** A count of the full run, scaled; never less than ten. */
export function counted(full: number): number {
  return Math.max(10, Math.round(full * scale));
}

/** A time-out that suits a count, in ms. */
export function patience(count: number, msEach: number): number {
  return longPatienceMs + 3 * count * msEach;
}

export const servers = path.join(__dirname, 'servers');

export function soakServer(...args: string[]): { command: string; args: string[] } {
  return { command: process.execPath, args: [path.join(servers, 'soak.mjs'), ...args] };
}

/** Figures are told, never asserted. */
export function tell(text: string): void {
  process.stdout.write(`      ${text}\n`);
}

export function quantiles(values: readonly number[]): string {
  const sorted = [...values].sort((a, b) => a - b);
  const at = (share: number): string =>
    (sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? NaN).toFixed(1);
  return `p50 ${at(0.5)}, p99 ${at(0.99)}, max ${at(1)} ms`;
}

/** Runs `work` for 0 … count - 1, some at a time. */
export async function inParallel(
  count: number,
  width: number,
  work: (i: number) => Promise<void>,
): Promise<void> {
  let next = 0;
  await Promise.all(
    Array.from({ length: width }, async () => {
      while (next < count) await work(next++);
    }),
  );
}
