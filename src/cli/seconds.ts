import { AppError } from '../platform/errors';

/** A number of seconds given as an option, in milliseconds. */
export function milliseconds(text: string | undefined, option: string, fallbackSeconds: number): number {
  const seconds = text === undefined ? fallbackSeconds : Number(text);
  if (Number.isFinite(seconds) && seconds >= 0 && seconds <= 86_400 && text !== '') return seconds * 1000;
  throw new AppError('usage', `${option} "${text ?? ''}" is not a number of seconds from 0 to 86400.`, {
    next: `Use a number in this range, such as ${option} 30.`,
  });
}
