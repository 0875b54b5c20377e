import type { CancelSignal } from '../../platform/cancel-signal';
import type { Profile } from '../tokens/profile';
import type { RpcResponse } from '../upstream/connection/peer';
import type { ServerHandle } from '../upstream/server/handle';
import type { Params } from '../../mcp-wire/params';

/** Who makes a call, beyond the profile of its token. */
export interface Caller {
  era: 'legacy' | 'modern';
  /** The session of the legacy era; a modern client has none. */
  session: string | undefined;
  /** The name that the client gave itself. */
  client: string | undefined;
  /** The `traceparent` header of the HTTP request. */
  traceparent: string | undefined;
}

/** One request that is about to go to one server. */
export interface CallStart {
  caller: Caller;
  profile: Profile;
  server: ServerHandle;
  method: string;
  /** The server's own name of the tool or prompt, or the URI; empty where a method has neither. */
  name: string;
  params: Params;
  signal: CancelSignal;
}

/** What a call takes along to the server. */
export interface OutgoingContext {
  /** Replaces `_meta.traceparent`; `undefined` leaves it as it came. */
  traceparent: string | undefined;
}

/** What every call to a server passes: filters, limits, audit, metrics and traces. */
export interface CallGate {
  /**
   * Lets the call through when its turn has come and resolves with the answer of `work` once that is accounted for: the
   * audit line is written before. Throws {@link RpcError} for what is refused, and whatever `work` throws.
   */
  run(start: CallStart, work: (passage: OutgoingContext) => Promise<RpcResponse>): Promise<RpcResponse>;
}
