import type { Profile } from './profile';

/** Looks up bearer tokens. */
export interface Tokens {
  /** The profile of a token. `undefined` when it is unknown, expired or revoked. */
  profileOf(token: string): Profile | undefined;
  isAdmin(token: string): boolean;
}
