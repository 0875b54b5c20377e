import type { ClientIdentity } from '../../client/client';
import type { HandshakeResult } from '../connection/handshake';
import type { ServerLists } from '../lists/listings';

/** What a server said about itself and listed on a connection that had just been opened. */
export interface FirstList {
  handshake: HandshakeResult;
  lists: ServerLists;
}

/** Clients differ in a handful of ways. What was learnt first is forgotten first. */
const maximum = 16;

/**
 * What a server offers to clients that declare the same capabilities. The next client of the same ones sees it at once, and
 * gets a connection of its own when it calls the server.
 */
export class FirstLists {
  readonly #byCapabilities = new Map<string, FirstList>();

  of({ capabilities }: ClientIdentity): FirstList | undefined {
    return this.#byCapabilities.get(capabilities.toString());
  }

  keep({ capabilities }: ClientIdentity, handshake: HandshakeResult, lists: ServerLists): void {
    const key = capabilities.toString();
    this.#byCapabilities.delete(key);
    this.#byCapabilities.set(key, { handshake, lists: { ...lists } });
    const [oldest] = this.#byCapabilities.keys();
    if (this.#byCapabilities.size > maximum && oldest !== undefined) this.#byCapabilities.delete(oldest);
  }
}
