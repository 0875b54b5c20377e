import type { Profile } from './profile';

/** Whose a bearer token is. */
export interface Tokens {
  /** The profile of a token; `undefined` when it is not known, expired or revoked. */
  profileOf(token: string): Profile | undefined;
  isAdmin(token: string): boolean;
}
