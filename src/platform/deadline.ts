import type { CancelSignal } from './cancel-signal';
import type { Disposable } from './disposable';

/** A signal that aborts when any of its sources does, or when its time is over. */
export interface Deadline extends Disposable {
  readonly signal: AbortSignal;
  /** Aborts it now. */
  end(): void;
}

/**
 * Joins signals, and a limit in milliseconds. Unlike `AbortSignal.any` of an `AbortSignal.timeout`, whose timer Node.js 20
 * may collect as garbage, it holds what it needs until it is disposed.
 */
export function deadline(sources: readonly CancelSignal[], timeoutMs?: number): Deadline {
  const controller = new AbortController();
  const end = (): void => {
    dispose();
    controller.abort();
  };
  const timer = timeoutMs === undefined ? undefined : setTimeout(end, timeoutMs);
  const dispose = (): void => {
    clearTimeout(timer);
    for (const source of sources) source.removeEventListener('abort', end);
  };
  for (const source of sources) source.addEventListener('abort', end, { once: true });
  if (sources.some(({ aborted }) => aborted)) end();
  return { signal: controller.signal, end, dispose };
}
