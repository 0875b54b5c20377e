import type { Profile } from '../tokens/profile';
import type { EdgeResponse } from './http';

/** The open HTTP responses to clients with tokens that can be revoked. */
export class ResponsesByToken {
  readonly #open = new Map<string, Set<EdgeResponse>>();

  add({ name, revocable }: Profile, response: EdgeResponse): void {
    if (!revocable) return;
    const own = this.#open.get(name) ?? new Set();
    this.#open.set(name, own.add(response));
    response.on('close', () => {
      own.delete(response);
      if (own.size === 0 && this.#open.get(name) === own) this.#open.delete(name);
    });
  }

  /** Closes all open responses of a token. */
  end(token: string): void {
    for (const response of [...(this.#open.get(token) ?? [])]) response.destroy();
  }
}
