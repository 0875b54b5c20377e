/** A server's response to a request; `body` is the bytes of its result or error object. */
export type RpcResponse = { kind: 'result'; body: Buffer } | { kind: 'error'; body: Buffer };
