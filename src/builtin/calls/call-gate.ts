import type { CancelSignal } from '../../platform/cancel-signal';
import type { Caller } from '../client/caller';
import type { Profile } from '../tokens/profile';
import type { RpcResponse } from '../../mcp-wire/rpc-response';
import type { ServerHandle } from '../upstream/server/handle';
import type { Params } from '../../mcp-wire/params';
import type { RpcError } from '../../mcp-wire/rpc-error';

/** One request that is about to go to one server. */
export interface CallStart {
  caller: Caller;
  profile: Profile;
  server: ServerHandle;
  method: string;
  /** The name that the server gives the tool or prompt, or the URI. Empty when the method has neither. */
  name: string;
  params: Params;
  signal: CancelSignal;
}

/** A request that the rules of its token exclude. */
export interface RefusedRequest {
  caller: Caller;
  profile: Profile;
  /** The server that it is about. Empty when it is about none. */
  server: string;
  method: string;
  name: string;
  params: Params;
}

/** What is sent to the server with the call. */
export interface OutgoingContext {
  /** Replaces `_meta.traceparent`. `undefined` leaves it unchanged. */
  traceparent: string | undefined;
}

/** Every call to a server passes through it: filters, limits, audit, metrics and traces. */
export interface CallGate {
  /**
   * Runs `work` when the call is allowed and its turn has come. Resolves with its response after the audit line was written.
   * Throws {@link RpcError} for a refused call, and any error of `work`.
   */
  run(start: CallStart, work: (passage: OutgoingContext) => Promise<RpcResponse>): Promise<RpcResponse>;

  /** Records a refused request like a call: audit, metrics and recent calls. Resolves with the error for its client. */
  refuse(request: RefusedRequest, problem: string): Promise<RpcError>;
}
