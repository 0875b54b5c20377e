import type { Disposable } from '../../platform/disposable';

/** Somebody who wants to hear of changes of resources. */
export interface Subscriber {
  /** Gets the params of the notice. */
  updated(params: Buffer): void;
  /** Calls back once when it is gone. */
  onEnded?(listener: () => void): Disposable;
}
