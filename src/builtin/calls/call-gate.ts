import type { CancelSignal } from '../../platform/cancel-signal';
import type { Caller } from '../client/caller';
import type { Profile } from '../tokens/profile';
import type { RpcResponse } from '../../mcp-wire/rpc-response';
import type { ServerHandle } from '../upstream/server/handle';
import type { Params } from '../../mcp-wire/params';

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
