import type { Subscriber } from '../../client/subscriber';
import { severityOf } from '../../client/log-level';

/** The resource subscriptions at one server. They survive a reconnection. */
export class Subscriptions {
  /** Ends the subscription of a resource at the server; set by the connection that is open. */
  unsubscribe: ((uri: string) => void) | undefined;
  readonly #known = new WeakSet<Subscriber>();
  /** The most verbose log level that a client has set. */
  logLevel: string | undefined;
  readonly #subscribers = new Map<string, Set<Subscriber>>();

  get uris(): string[] {
    return [...this.#subscribers.keys()];
  }

  /** Returns whether the level is more verbose than before. */
  wantLevel(level: string): boolean {
    const now = severityOf(this.logLevel);
    if (now !== undefined && now <= (severityOf(level) ?? now)) return false;
    this.logLevel = level;
    return true;
  }

  /** Returns whether this is the first subscriber of the resource. */
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

  /** Returns whether the resource has no subscriber left. */
  remove(uri: string, subscriber: Subscriber): boolean {
    const subscribers = this.#subscribers.get(uri);
    if (!subscribers?.delete(subscriber) || subscribers.size > 0) return false;
    return this.#subscribers.delete(uri);
  }

  has(uri: string, subscriber: Subscriber): boolean {
    return this.#subscribers.get(uri)?.has(subscriber) === true;
  }

  /** Ends a subscription. When it was the last one of the resource, the server is unsubscribed too. */
  end(uri: string, subscriber: Subscriber): void {
    if (this.remove(uri, subscriber)) this.unsubscribe?.(uri);
  }

  /** Ends all subscriptions of a subscriber. */
  removeSubscriber(subscriber: Subscriber): void {
    for (const uri of this.uris) this.end(uri, subscriber);
  }

  /** The subscribers of the resource, or of a resource that contains it: an update may name a sub-resource. */
  subscribersOf(uri: string): Subscriber[] {
    const subscribers = [...this.#subscribers].filter(([wanted]) => isPartOf(wanted, uri));
    return [...new Set(subscribers.flatMap(([, each]) => [...each]))];
  }
}

/** Whether a resource is the subscribed one or is below it. */
function isPartOf(whole: string, uri: string): boolean {
  if (!uri.startsWith(whole)) return false;
  return uri.length === whole.length || whole.endsWith('/') || '/?#'.includes(uri.charAt(whole.length));
}
