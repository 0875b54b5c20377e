import { setTimeout as delay } from 'node:timers/promises';
import { AppError } from '../../platform/errors';
import type { Driver, RequestOptions, Session } from '../driver';

const attempts = 3;
const firstPauseMs = 200;

/** Connects; a gateway that cannot be reached is tried again twice, after growing pauses. */
export async function connectPatiently(driver: Driver, options: RequestOptions): Promise<Session> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await driver.connect(options);
    } catch (error) {
      if (!isUnreachable(error) || attempt === attempts || options.signal?.aborted === true) throw error;
      await delay(firstPauseMs * 2 ** (attempt - 1));
    }
  }
}

/** Whether a failure says that the gateway cannot be reached. */
export function isUnreachable(error: unknown): boolean {
  return error instanceof AppError && error.code === 'unreachable';
}
