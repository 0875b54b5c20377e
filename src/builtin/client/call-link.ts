import type { Params } from '../../mcp-wire/params';
import type { RpcResponse } from '../../mcp-wire/rpc-response';

/** Something that a server asks its client for: sampling, elicitation, roots. */
export interface ServerRequest {
  method: string;
  params: Params;
  /** Aborts when the server takes the question back, or is gone. */
  signal: AbortSignal;
  /** Hands the client's progress on the question to the server: the params, and the progress token to put in them. */
  progress(params: Params): void;
}

/** The client that waits for an answer, as the server can reach it until then. */
export interface CallLink {
  /** Tells two clients apart. */
  readonly client: object;
  /** Sends a notification ahead of the answer. */
  notify(method: string, params: Buffer | undefined): void;
  /** Puts a question to the client. Rejects when it cannot be asked. */
  request(request: ServerRequest): Promise<RpcResponse>;
}
