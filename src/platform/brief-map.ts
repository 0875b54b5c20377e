/**
 * A map for what is under way: entries come and go at a high rate, and few are there at a time.
 *
 * `Map` moves to a new table every few entries and leaves the old one linked to the new. As soon as one of them has grown
 * old, the collector takes everything that its followers hold for alive, which costs a busy gateway a fifth of its time.
 * Here what is left moves together when an entry goes. Looking something up is linear in the number of entries.
 */
export class BriefMap<K extends string | number | object, V extends object> {
  readonly #keys: K[] = [];
  readonly #values: V[] = [];

  get size(): number {
    return this.#keys.length;
  }

  has(key: K): boolean {
    return this.#keys.includes(key);
  }

  get(key: K): V | undefined {
    const at = this.#keys.indexOf(key);
    return at < 0 ? undefined : this.#values[at];
  }

  set(key: K, value: V): void {
    const known = this.#keys.indexOf(key);
    if (known < 0) this.add(key, value);
    else this.#values[known] = value;
  }

  /** Puts in what is known not to be there. */
  add(key: K, value: V): void {
    this.#keys.push(key);
    this.#values.push(value);
  }

  /** Returns whether there was such an entry. */
  delete(key: K): boolean {
    const at = this.#keys.indexOf(key);
    if (at < 0) return false;
    const lastKey = this.#keys.pop();
    const lastValue = this.#values.pop();
    // The last one takes the free place.
    if (at < this.#keys.length && lastKey !== undefined && lastValue !== undefined) {
      this.#keys[at] = lastKey;
      this.#values[at] = lastValue;
    }
    return true;
  }

  /** The keys that are there now; their order is of no meaning. */
  keys(): K[] {
    return [...this.#keys];
  }

  /** The values that are there now; their order is of no meaning. */
  values(): V[] {
    return [...this.#values];
  }
}
