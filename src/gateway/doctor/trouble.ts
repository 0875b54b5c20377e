import { AppError, messageOf } from '../../platform/errors';
import type { Trouble } from '../watch/state';
import { step } from '../../platform/next-step';

/** The trouble that an error means. */
export function troubleOf(error: unknown): Trouble {
  const next = error instanceof AppError ? error.next : undefined;
  return {
    reason: messageOf(error),
    next: next ?? step('Correct the cause, then let the doctor look again.', 'doctor'),
  };
}

/** The result of some work, or the trouble that it met. */
export async function tried<T>(work: () => Promise<T>): Promise<{ value?: T; trouble?: Trouble }> {
  try {
    return { value: await work() };
  } catch (error) {
    return { trouble: troubleOf(error) };
  }
}
