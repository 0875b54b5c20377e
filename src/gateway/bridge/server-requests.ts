import type { RawId } from '../../mcp-wire/envelope';

/** The requests that the gateway has put to the client. */
export class OpenServerRequests {
  readonly #open = new Map<string, RawId>();
  readonly #abandoned = new Set<string>();

  asked(id: RawId): void {
    this.#abandoned.delete(keyOf(id));
    this.#open.set(keyOf(id), id);
  }

  /** The client answers. False when nobody waits for the answer any more. */
  answered(id: RawId): boolean {
    const key = keyOf(id);
    this.#open.delete(key);
    return !this.#abandoned.delete(key);
  }

  /** Takes every open request, to answer it in the client's place. */
  takeAll(): RawId[] {
    const ids = [...this.#open.values()];
    this.#open.clear();
    return ids;
  }

  /** The session that asked is gone: answers to its requests lead nowhere. */
  abandonAll(): RawId[] {
    for (const key of this.#open.keys()) this.#abandoned.add(key);
    return this.takeAll();
  }
}

/** The same id written another way (an escape in a string) is the same id. */
function keyOf(id: RawId): string {
  return id.startsWith('"') ? JSON.stringify(JSON.parse(id)) : id;
}
