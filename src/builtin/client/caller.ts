import type { Era } from './client';

/** Who makes a call, beyond the profile of its token. */
export interface Caller {
  era: Era;
  /** The session of the legacy era; a modern client has none. */
  session: string | undefined;
  /** The name that the client gave itself. */
  client: string | undefined;
  /** The `traceparent` header of the HTTP request. */
  traceparent: string | undefined;
}
