import { nameOf, type Client, type Era } from './client';

/** Identifies the client of a call, in addition to the profile of its token. */
export interface Caller {
  era: Era;
  /** The session, in the legacy era. A modern client has none. */
  session: string | undefined;
  /** The name that the client gave itself. */
  client: string | undefined;
  /** The `traceparent` header of the HTTP request. */
  traceparent: string | undefined;
}

/** The caller of a client without a session. */
export function statelessCaller({ identity }: Client, traceparent: string | undefined): Caller {
  return { era: 'modern', session: undefined, client: nameOf(identity), traceparent };
}
