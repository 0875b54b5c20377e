/** Up to so many places it is not looked whether there are too many. */
const minimumSlots = 64;

/**
 * A map for what is under way: entries come and go at a high rate, and few are there at a time.
 *
 * `Map` moves to a new table every few entries and leaves the old one linked to the new; arrays do the same when they shrink
 * and grow. As soon as one of them has grown old, the collector takes everything that its followers hold for alive, which
 * costs a busy gateway a fifth of its time. Here a place is used again as soon as it is free. Looking something up is
 * linear in the number of places, which are made fewer when most are free after a rush.
 */
export class BriefMap<K extends string | number | object, V extends object> {
  #keys: (K | undefined)[] = [];
  #values: (V | undefined)[] = [];
  #free: number[] = [];

  get size(): number {
    return this.#keys.length - this.#free.length;
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
    const at = this.#free.pop() ?? this.#keys.length;
    this.#keys[at] = key;
    this.#values[at] = value;
  }

  /** Returns whether there was such an entry. */
  delete(key: K): boolean {
    const at = this.#keys.indexOf(key);
    if (at < 0) return false;
    this.#keys[at] = undefined;
    this.#values[at] = undefined;
    this.#free.push(at);
    if (this.#keys.length > minimumSlots && this.size < this.#keys.length / 4) this.#shrink();
    return true;
  }

  /** The keys that are there now; their order is of no meaning. */
  keys(): K[] {
    return this.#keys.filter((key) => key !== undefined);
  }

  /** The values that are there now; their order is of no meaning. */
  values(): V[] {
    return this.#values.filter((value) => value !== undefined);
  }

  #shrink(): void {
    this.#keys = this.keys();
    this.#values = this.values();
    this.#free = [];
  }
}
