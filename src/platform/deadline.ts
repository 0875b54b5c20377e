import type { CancelSignal } from './cancel-signal';
import type { Disposable } from './disposable';

/** A signal that aborts when one of its sources aborts, or when its time is over. */
export interface Deadline extends Disposable {
  readonly signal: AbortSignal;
  /** Aborts it now. */
  end(): void;
}

/**
 * Combines signals and a time limit in milliseconds. It keeps its timer until it is disposed. `AbortSignal.any` with an
 * `AbortSignal.timeout` does not: Node.js 20 may collect that timer as garbage.
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
