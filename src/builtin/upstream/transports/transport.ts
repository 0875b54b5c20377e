/** Why a connection ended. With `session-expired` the server is still there, and a new session can be opened. */
export type CloseCause = 'session-expired';

/** The events of one connection to an MCP server. */
export interface TransportEvents {
  /**
   * One JSON-RPC message, unchanged. `requestId` is the id of the request whose response stream carried it, if the
   * transport knows. Messages that belong to no request have none.
   */
  message(bytes: Buffer, requestId?: number): void;
  /** The connection has ended permanently. `reason` is a predicate, such as "exited with code 1". No event follows. */
  closed(reason: string, ending?: CloseCause): void;
  /** A line for the server's log. */
  log(line: string): void;
  /** What the transport is busy with before it can accept messages, in a few words; `undefined` when that is over. */
  activity?(what: string | undefined): void;
}

/** What a transport needs besides a message: values for headers, and a signal to cancel. */
export interface SendContext {
  /** The id, when the message is a request. */
  id?: number;
  method: string;
  /** The name or URI of the request, for the `Mcp-Name` header of 2026-07-28. */
  name?: string | undefined;
  /**
   * Aborts when the response is not needed any more. The transport then closes the connection for the response. With
   * 2026-07-28 over HTTP this is also how the request is cancelled.
   */
  signal?: AbortSignal;
}

/** One connection to an MCP server that carries whole JSON-RPC messages. */
export interface Transport {
  /** Where the server is, for display: a process id or a URL. */
  readonly pid: number | null;
  readonly url: string | null;
  /** Resolves when it can accept messages, if that may take longer than a request. Rejects when it failed. */
  readonly prepared?: Promise<void>;
  /**
   * Sends one message. Resolves when the transport has accepted it and, for HTTP, when the response was read. Rejects when
   * the message was not delivered. `undefined` when it was accepted at once.
   */
  send(bytes: Buffer, context?: SendContext): Promise<void> | undefined;
  /** Called once with the negotiated protocol version, for transports that repeat it on every message. */
  negotiated(protocolVersion: string): void;
  /** Ends the connection and everything that belongs to it. Resolves when all of it has ended. */
  close(): Promise<void>;
}
