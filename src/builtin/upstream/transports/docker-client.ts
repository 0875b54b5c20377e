import { run, type RunResult } from '../../../platform/run';

const limitMs = 20_000;

/** Runs the engine's client. A failure is a result; throws when there is no client, or no answer in time. */
export async function docker(...args: string[]): Promise<RunResult> {
  return await run('docker', args, { signal: AbortSignal.timeout(limitMs) });
}
