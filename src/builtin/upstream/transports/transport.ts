/** How a connection ended: `forgotten` where the server is there and would open another session. */
export type CloseCause = 'session-expired';

/** What one connection to an MCP server tells its owner. */
export interface TransportEvents {
  /**
   * One JSON-RPC message as it came. `requestId`: the id of our request on whose answer stream it came, where the
   * transport tells; a message of the server's own accord has none.
   */
  message(bytes: Buffer, requestId?: number): void;
  /** The connection is gone for good; nothing follows. */
  closed(reason: string, ending?: CloseCause): void;
  /** A line for the server's log. */
  log(line: string): void;
  /** What keeps it from taking messages for a while, in a few words; `undefined` when that is over. */
  activity?(what: string | undefined): void;
}

/** What a transport repeats beside a message, or needs to give it up. */
export interface SendContext {
  /** Our id, where the message is a request. */
  id?: number;
  method: string;
  /** What the `Mcp-Name` header of 2026-07-28 repeats: the name or URI that the request is for. */
  name?: string | undefined;
  /**
   * Aborts when nobody waits for the answer any more. The transport lets go of the connection that the answer would
   * have come on; on 2026-07-28 over HTTP that is the cancellation itself.
   */
  signal?: AbortSignal;
}

/** One connection to an MCP server that carries whole JSON-RPC messages. */
export interface Transport {
  /** Where the server is, for display: a process id or a URL. */
  readonly pid: number | null;
  readonly url: string | null;
  /** Resolves when it can take messages, where that may take longer than any answer; rejects when it never will. */
  readonly prepared?: Promise<void>;
  /**
   * Hands over one message. Resolves when the transport has taken it and, for HTTP, when the answer was read;
   * rejects when the message was not delivered. `undefined` when it was taken at once.
   */
  send(bytes: Buffer, context?: SendContext): Promise<void> | undefined;
  /** Called once with the negotiated revision, for transports that repeat it on every message. */
  negotiated(protocolVersion: string): void;
  /** Ends the connection and everything that belongs to it. Resolves when all of it is gone. */
  close(): Promise<void>;
}
