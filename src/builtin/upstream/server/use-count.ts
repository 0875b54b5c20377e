/** Who uses a server, and since when nobody does. */
export class UseCount {
  #users = 0;
  #used = false;
  #lastUsed = Date.now();

  /** Whether somebody uses it right now; those who wait for its start do. */
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

  /** It was started. `wanted`: for somebody who uses it. */
  started(wanted: boolean): void {
    this.#lastUsed = Date.now();
    this.#used = wanted;
  }
}
