/** What one connection to an MCP server tells its owner. */
export interface ChannelEvents {
  /** One JSON-RPC message as it came. */
  message(bytes: Buffer): void;
  /** The connection is gone for good; nothing follows. */
  closed(reason: string): void;
  /** A line for the server's log. */
  log(line: string): void;
}

/** One connection to an MCP server that carries whole JSON-RPC messages. */
export interface Channel {
  /** Where the server is, for display: a process id or a URL. */
  readonly pid: number | null;
  readonly url: string | null;
  /**
   * Hands over one message. Resolves when the transport has taken it and, for HTTP, when the answer was read;
   * rejects when the message was not delivered.
   */
  send(bytes: Buffer): Promise<void>;
  /** Called once with the negotiated revision, for transports that repeat it on every message. */
  negotiated(protocolVersion: string): void;
  /** Ends the connection and everything that belongs to it. Resolves when all of it is gone. */
  close(): Promise<void>;
}
