import type { Disposable } from '../../platform/disposable';

/** Receives updates of subscribed resources. */
export interface Subscriber {
  /** Receives the params of `notifications/resources/updated`. */
  updated(params: Buffer): void;
  /** Calls the listener once, when the subscriber has ended. */
  onEnded?(listener: () => void): Disposable;
}
