/** Somebody who wants to hear of changes of resources. */
export interface Subscriber {
  /** Gets the params of the notice. */
  updated(params: Buffer): void;
}

/** Who wants to hear of what of one server; it outlives the connections to it. */
export class Subscriptions {
  /** The most verbose log level that anybody wants. */
  logLevel: string | undefined;
  readonly #wanted = new Map<string, Set<Subscriber>>();

  get uris(): string[] {
    return [...this.#wanted.keys()];
  }

  /** Returns whether nobody wanted the resource before. */
  add(uri: string, subscriber: Subscriber): boolean {
    const subscribers = this.#wanted.get(uri);
    if (subscribers) subscribers.add(subscriber);
    else this.#wanted.set(uri, new Set([subscriber]));
    return subscribers === undefined;
  }

  /** Returns whether nobody wants the resource any more. */
  remove(uri: string, subscriber: Subscriber): boolean {
    const subscribers = this.#wanted.get(uri);
    if (!subscribers?.delete(subscriber) || subscribers.size > 0) return false;
    return this.#wanted.delete(uri);
  }

  /** Returns the resources that nobody wants any more. */
  removeAll(subscriber: Subscriber): string[] {
    return this.uris.filter((uri) => this.remove(uri, subscriber));
  }

  /** Those who want the resource, or one that it is a part of: a server may name a part of what was subscribed. */
  wanting(uri: string): Subscriber[] {
    const subscribers = [...this.#wanted].filter(([wanted]) => isPartOf(wanted, uri));
    return [...new Set(subscribers.flatMap(([, each]) => [...each]))];
  }
}

/** Whether a resource is the whole or what stands under it. */
function isPartOf(whole: string, uri: string): boolean {
  if (!uri.startsWith(whole)) return false;
  return uri.length === whole.length || whole.endsWith('/') || '/?#'.includes(uri.charAt(whole.length));
}
