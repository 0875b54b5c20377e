/** Counts the users of a server, and records when it was last used. */
export class UseCount {
  #users = 0;
  #used = false;
  #lastUsed = Date.now();

  /** Whether a call uses it now, or waits for its start. */
  get busy(): boolean {
    return this.#users > 0;
  }

  /** Whether it has been used since it was started. */
  get used(): boolean {
    return this.#used;
  }

  /** When it was started or last used, in milliseconds since 1970. */
  get lastUsed(): number {
    return this.#lastUsed;
  }

  begin(): void {
    this.#users += 1;
    this.#used = true;
  }

  readonly end = (): void => {
    this.#users -= 1;
    this.#lastUsed = Date.now();
  };

  /** Records a start. `wanted` says whether a call needs the server. */
  started(wanted: boolean): void {
    this.#lastUsed = Date.now();
    this.#used = wanted;
  }
}
