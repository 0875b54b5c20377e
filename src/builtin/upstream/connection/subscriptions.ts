import type { Subscriber } from '../../client/subscriber';
import { severityOf } from '../../client/log-level';

/** Who wants to hear of what of one server; it outlives the connections to it. */
export class Subscriptions {
  /** Ends the subscription of a resource at the server; set by the connection that is open. */
  unsubscribe: ((uri: string) => void) | undefined;
  readonly #known = new WeakSet<Subscriber>();
  /** The most verbose log level that anybody wants. */
  logLevel: string | undefined;
  readonly #subscribers = new Map<string, Set<Subscriber>>();

  get uris(): string[] {
    return [...this.#subscribers.keys()];
  }

  /** Returns whether that is more verbose than what was wanted before. */
  wantLevel(level: string): boolean {
    const now = severityOf(this.logLevel);
    if (now !== undefined && now <= (severityOf(level) ?? now)) return false;
    this.logLevel = level;
    return true;
  }

  /** Returns whether nobody wanted the resource before. */
  add(uri: string, subscriber: Subscriber): boolean {
    const subscribers = this.#subscribers.get(uri);
    if (!this.#known.has(subscriber)) {
      this.#known.add(subscriber);
      subscriber.onEnded?.(() => this.removeSubscriber(subscriber));
    }
    if (subscribers) subscribers.add(subscriber);
    else this.#subscribers.set(uri, new Set([subscriber]));
    return subscribers === undefined;
  }

  /** Returns whether nobody wants the resource any more. */
  remove(uri: string, subscriber: Subscriber): boolean {
    const subscribers = this.#subscribers.get(uri);
    if (!subscribers?.delete(subscriber) || subscribers.size > 0) return false;
    return this.#subscribers.delete(uri);
  }

  has(uri: string, subscriber: Subscriber): boolean {
    return this.#subscribers.get(uri)?.has(subscriber) === true;
  }

  /** Ends the subscription of one resource, at the server too when nobody else wants it. */
  end(uri: string, subscriber: Subscriber): void {
    if (this.remove(uri, subscriber)) this.unsubscribe?.(uri);
  }

  /** Ends all subscriptions of somebody who is gone. */
  removeSubscriber(subscriber: Subscriber): void {
    for (const uri of this.uris) this.end(uri, subscriber);
  }

  /** Those who want the resource, or one that it is a part of: a server may name a part of what was subscribed. */
  subscribersOf(uri: string): Subscriber[] {
    const subscribers = [...this.#subscribers].filter(([wanted]) => isPartOf(wanted, uri));
    return [...new Set(subscribers.flatMap(([, each]) => [...each]))];
  }
}

/** Whether a resource is the whole or what stands under it. */
function isPartOf(whole: string, uri: string): boolean {
  if (!uri.startsWith(whole)) return false;
  return uri.length === whole.length || whole.endsWith('/') || '/?#'.includes(uri.charAt(whole.length));
}
