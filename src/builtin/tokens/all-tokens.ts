import { timingSafeEqual } from 'node:crypto';
import { unrestricted, type Profile } from './profile';
import type { Tokens } from './tokens';

const clientProfile = unrestricted('default');
const adminProfile = unrestricted('admin');

/** The client token and the admin token, which have no restrictions, and the named tokens. */
export class AllTokens implements Tokens {
  readonly #client: Buffer;
  readonly #admin: Buffer;

  constructor(
    client: string,
    admin: string,
    readonly named: Pick<Tokens, 'profileOf'>,
  ) {
    this.#client = Buffer.from(client);
    this.#admin = Buffer.from(admin);
  }

  profileOf(token: string): Profile | undefined {
    const given = Buffer.from(token);
    if (same(given, this.#client)) return clientProfile;
    return same(given, this.#admin) ? adminProfile : this.named.profileOf(token);
  }

  isAdmin(token: string): boolean {
    return same(Buffer.from(token), this.#admin);
  }
}

// The duration depends only on the length, which is not secret.
function same(a: Buffer, b: Buffer): boolean {
  return a.length === b.length && timingSafeEqual(a, b);
}
