import type { Disposable } from '../../platform/disposable';

/** Receives updates of subscribed resources. */
export interface Subscriber {
  /** Receives the params of `notifications/resources/updated` of a server, and the URI that they name. */
  updated(params: Buffer, server: string, uri: string): void;
  /** Calls the listener once, when the subscriber has ended. */
  onEnded?(listener: () => void): Disposable;
}
