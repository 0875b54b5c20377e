import { setTimeout as delay } from 'node:timers/promises';

/**
 * How long a test waits, in ms. Only a broken product is waited for so long: it has to be far beyond what a machine takes
 * that is busy with ten times as much as it has cores.
 */
export const patienceMs = 120_000;

/** The same where an image is built, containers are made or an editor is started. */
export const longPatienceMs = 300_000;

/** Polls until `check` returns a value that is not `undefined` or `false`, and returns it; throws its last error, or a time-out. */
export async function eventually<T>(
  check: () => T | Promise<T>,
  what = 'the condition',
  waitMs = patienceMs,
): Promise<Exclude<T, false | undefined>> {
  const deadline = Date.now() + waitMs;
  let last: unknown;
  for (;;) {
    try {
      const value = await check();
      if (value !== undefined && value !== false) return value as Exclude<T, false | undefined>;
      last = undefined;
    } catch (error) {
      last = error;
    }
    if (Date.now() > deadline) {
      if (last instanceof Error) throw last;
      throw new Error(`${what} did not come true within ${waitMs / 1000} s`);
    }
    await delay(25);
  }
}
