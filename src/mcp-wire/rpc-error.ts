/** The JSON-RPC and MCP error codes that the gateway and `connect` return. Servers may use other codes. */
export const codes = {
  parse: -32700,
  invalidRequest: -32600,
  methodNotFound: -32601,
  invalidParams: -32602,
  internal: -32603,
  /** `connect` could not get the response. */
  connection: -32000,
  /** Legacy era: the session is unknown. */
  sessionNotFound: -32001,
  resourceNotFound: -32002,
  /** The token has no permission for this. */
  refused: -32003,
  /** A rate limit, quota, queue or size limit is exceeded. */
  limited: -32005,
  /** 2026-07-28: a standard header is missing or differs from the body. */
  headerMismatch: -32020,
  /** 2026-07-28: the server needs a capability that the client did not declare. */
  missingClientCapability: -32021,
  unsupportedProtocolVersion: -32022,
} as const;

/** An error that a client receives as a JSON-RPC error object. `status` is the HTTP status, where one is sent. */
export class RpcError extends Error {
  readonly code: number;
  readonly status: number;
  readonly data: unknown;

  constructor(
    code: number,
    message: string,
    options: { status?: number; data?: unknown; cause?: unknown } = {},
  ) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = 'RpcError';
    this.code = code;
    this.status = options.status ?? 200;
    this.data = options.data;
  }

  /** The error object of a response. */
  toBytes(): Buffer {
    return Buffer.from(JSON.stringify({ code: this.code, message: this.message, data: this.data }));
  }
}
