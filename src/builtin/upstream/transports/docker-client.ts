import { run, type RunResult } from '../../../platform/run';

const limitMs = 20_000;

/** Runs the engine's client. A non-zero exit is a result. Throws when there is no client or it does not finish in time. */
export async function docker(...args: string[]): Promise<RunResult> {
  return await run('docker', args, { signal: AbortSignal.timeout(limitMs) });
}
