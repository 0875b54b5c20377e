/** What keeps events, such as the log of a session. */
export interface EventHolder {
  /** The bytes that it keeps. */
  readonly bytes: number;
  /** Gives up its oldest event. */
  dropOldest(): void;
}

/** One buffer for the events of all sessions. When it is full, the session that keeps most gives up its oldest events. */
export class EventBudget {
  #used = 0;
  #dropped = 0;
  readonly #holders = new Set<EventHolder>();

  constructor(readonly limit: () => number) {}

  get used(): number {
    return this.#used;
  }

  /** The number of events that were given up so far. */
  get dropped(): number {
    return this.#dropped;
  }

  /** A holder keeps so many bytes more, or fewer. */
  changed(holder: EventHolder, bytes: number): void {
    this.#used += bytes;
    if (holder.bytes > 0) this.#holders.add(holder);
    else this.#holders.delete(holder);
    while (bytes > 0 && this.#used > this.limit()) {
      let largest: EventHolder | undefined;
      for (const each of this.#holders) if (each.bytes > (largest?.bytes ?? 0)) largest = each;
      if (!largest) return;
      this.#dropped += 1;
      largest.dropOldest();
    }
  }
}
