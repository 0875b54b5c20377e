import { setTimeout as delay } from 'node:timers/promises';

/** Polls until `check` returns a value that is not `undefined` or `false`, and returns it; throws its last error, or a time-out. */
export async function eventually<T>(
  check: () => T | Promise<T>,
  timeoutMs = 10_000,
  what = 'the condition',
): Promise<Exclude<T, false | undefined>> {
  const deadline = Date.now() + timeoutMs;
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
      throw new Error(`${what} did not come true within ${timeoutMs} ms`);
    }
    await delay(25);
  }
}
