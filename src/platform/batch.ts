import { setImmediate as nextTurn } from 'node:timers/promises';

/** Runs once for everyone who asks within one turn of the event loop. */
export class Batch<K, V> {
  #pending: { keys: Set<K>; result: Promise<V> } | undefined;

  constructor(readonly run: (keys: ReadonlySet<K>) => Promise<V>) {}

  /** The result of the run that includes the key. The run begins after this call. */
  async ask(key: K): Promise<V> {
    this.#pending ??= this.#next();
    this.#pending.keys.add(key);
    return await this.#pending.result;
  }

  #next(): { keys: Set<K>; result: Promise<V> } {
    const keys = new Set<K>();
    const result = nextTurn().then(async () => {
      this.#pending = undefined;
      return await this.run(keys);
    });
    return { keys, result };
  }
}
