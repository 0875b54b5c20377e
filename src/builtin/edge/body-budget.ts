/** A budget of the gateway is used up. The message names it. */
export class BudgetError extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'BudgetError';
  }
}

/** What one request holds of the budget. */
export interface BodyShare {
  /** Takes so many bytes more, or returns why the budget does not have them. */
  take(bytes: number): BudgetError | undefined;
  /** Gives everything back. */
  release(): void;
}

/**
 * The bytes of all request bodies that arrive or are in use. A body counts while it arrives and until its request has ended.
 * One token can use half of the budget, so a client that sends bodies without an end does not shut the others out.
 */
export class BodyBudget {
  #used = 0;
  readonly #byToken = new Map<string, number>();

  constructor(readonly limit: () => number) {}

  get used(): number {
    return this.#used;
  }

  /** The share of a request with this token. It is empty at first. */
  share(token: string): BodyShare {
    let own = 0;
    return {
      take: (bytes) => {
        const problem = this.#problemOf(token, bytes);
        if (problem) return problem;
        own += bytes;
        this.#add(token, bytes);
        return undefined;
      },
      release: () => {
        this.#add(token, -own);
        own = 0;
      },
    };
  }

  #problemOf(token: string, bytes: number): BudgetError | undefined {
    const limit = this.limit();
    const half = Math.floor(limit / 2);
    if (this.#used + bytes > limit)
      return new BudgetError(
        `The bodies of all requests under way would have more than ${limit} bytes, which is the budget (gateway.limits.bodyMemoryPercent in servers.json).`,
      );
    if ((this.#byToken.get(token) ?? 0) + bytes > half)
      return new BudgetError(
        `The bodies of the requests of the token "${token}" would have more than ${half} bytes, half of the budget for all bodies (gateway.limits.bodyMemoryPercent in servers.json).`,
      );
    return undefined;
  }

  #add(token: string, bytes: number): void {
    this.#used += bytes;
    const left = (this.#byToken.get(token) ?? 0) + bytes;
    if (left > 0) this.#byToken.set(token, left);
    else this.#byToken.delete(token);
  }
}
