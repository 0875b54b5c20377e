import type { Params } from '../../mcp-wire/params';
import type { RpcResponse } from '../../mcp-wire/rpc-response';

/** A request of a server to its client: sampling, elicitation or roots. */
export interface ServerRequest {
  method: string;
  params: Params;
  /** Aborts when the server cancels the request, or its connection ends. */
  signal: AbortSignal;
  /** Relays the client's progress on the request to the server. */
  progress(params: Params): void;
}

/** The client of a pending call, as the server can reach it until the response. */
export interface CallLink {
  /** Identifies the client. */
  readonly client: object;
  /** Sends a notification before the response. */
  notify(method: string, params: Buffer | undefined): void;
  /** Sends a server request to the client. Rejects when the client cannot be reached or does not support it. */
  request(request: ServerRequest): Promise<RpcResponse>;
}
