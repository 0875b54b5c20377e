const base = 0x01000193;
const spread = 0x9e3779b1;

/** More entries with the same hash are only added when a value would have none otherwise. */
const crowd = 8;

/**
 * The windows of a fixed width of all secrets, found by a hash that rolls over a text: a step of the search costs the
 * same for one secret and for a thousand. An entry is a place in a value.
 */
export class WindowTable {
  readonly #leaving = new Int32Array(256);
  #heads = new Int32Array(256).fill(-1);
  #next = new Int32Array(256);
  #hashes = new Int32Array(256);
  #values = new Int32Array(256);
  #places = new Int32Array(256);
  #count = 0;

  constructor(readonly width: number) {
    let power = 1;
    for (let i = 1; i < width; i += 1) power = Math.imul(power, base);
    for (let byte = 0; byte < 256; byte += 1) this.#leaving[byte] = Math.imul(power, byte);
  }

  get isEmpty(): boolean {
    return this.#count === 0;
  }

  /** Adds the windows at some places of a value, but not too many with the same hash. Adds at least one. */
  add(value: number, bytes: Uint8Array, places: Iterable<number>): void {
    let added = 0;
    let best = { place: 0, others: Infinity };
    for (const place of places) {
      const hash = this.#hashAt(bytes, place);
      const others = this.#othersOf(hash, value);
      if (others < crowd) {
        this.#insert(hash, value, place);
        added += 1;
      } else if (others < best.others) best = { place, others };
    }
    if (added === 0) this.#insert(this.#hashAt(bytes, best.place), value, best.place);
  }

  /** The place with the fewest other entries, of all places in a value. */
  quietest(bytes: Uint8Array): number {
    let best = { place: 0, others: Infinity };
    for (let place = 0; place + this.width <= bytes.length && best.others > 0; place += 1) {
      const others = this.#othersOf(this.#hashAt(bytes, place), -1);
      if (others < best.others) best = { place, others };
    }
    return best.place;
  }

  /**
   * Calls `hit` for each entry that may be at a place of the text. Its bytes have still to be compared, because different
   * windows can have the same hash.
   */
  search(bytes: Uint8Array, length: number, hit: (at: number, value: number, place: number) => void): void {
    const { width } = this;
    const leaving = this.#leaving;
    const heads = this.#heads;
    const hashes = this.#hashes;
    const shift = this.#shift();
    let hash = 0;
    for (let i = 0; i < length; i += 1) {
      hash = (Math.imul(hash, base) + (bytes[i] ?? 0)) | 0;
      const at = i - width + 1;
      if (at < 0) continue;
      for (
        let entry = heads[Math.imul(hash, spread) >>> shift] ?? -1;
        entry >= 0;
        entry = this.#next[entry] ?? -1
      )
        if (hashes[entry] === hash) hit(at, this.#values[entry] ?? 0, this.#places[entry] ?? 0);
      hash = (hash - (leaving[bytes[at] ?? 0] ?? 0)) | 0;
    }
  }

  #shift(): number {
    return Math.clz32(this.#heads.length) + 1;
  }

  #hashAt(bytes: Uint8Array, place: number): number {
    let hash = 0;
    for (let i = place; i < place + this.width; i += 1) hash = (Math.imul(hash, base) + (bytes[i] ?? 0)) | 0;
    return hash;
  }

  /** The number of entries with a hash; more than any when one of them is of the same value. */
  #othersOf(hash: number, value: number): number {
    let count = 0;
    for (let entry = this.#headOf(hash); entry >= 0; entry = this.#next[entry] ?? -1) {
      if (this.#hashes[entry] !== hash) continue;
      if (this.#values[entry] === value) return Infinity;
      count += 1;
    }
    return count;
  }

  #headOf(hash: number): number {
    return this.#heads[Math.imul(hash, spread) >>> this.#shift()] ?? -1;
  }

  #insert(hash: number, value: number, place: number): void {
    if (this.#count === this.#next.length) this.#grow();
    const entry = this.#count;
    this.#count = entry + 1;
    this.#hashes[entry] = hash;
    this.#values[entry] = value;
    this.#places[entry] = place;
    this.#link(entry);
  }

  #link(entry: number): void {
    const slot = Math.imul(this.#hashes[entry] ?? 0, spread) >>> this.#shift();
    this.#next[entry] = this.#heads[slot] ?? -1;
    this.#heads[slot] = entry;
  }

  #grow(): void {
    const size = this.#next.length * 2;
    [this.#next, this.#hashes, this.#values, this.#places] = [
      grown(this.#next, size),
      grown(this.#hashes, size),
      grown(this.#values, size),
      grown(this.#places, size),
    ];
    this.#heads = new Int32Array(size).fill(-1);
    for (let entry = 0; entry < this.#count; entry += 1) this.#link(entry);
  }
}

function grown(array: Int32Array<ArrayBuffer>, size: number): Int32Array<ArrayBuffer> {
  const larger = new Int32Array(size);
  larger.set(array);
  return larger;
}
