/**
 * The refusals that are plain HTTP answers, with `{"error":{"code","message","next","step"}}` as the body: each code, the status
 * that it comes with, and what it means. docs/errors.md is written from this.
 */
export const problemCodes = {
  unauthorized: {
    status: 401,
    meaning: 'The request has no bearer token, or the gateway does not accept the token.',
  },
  host: { status: 403, meaning: 'The header Host names a host that is not allowed.' },
  origin: { status: 403, meaning: 'The request comes from a web page of a host that is not allowed.' },
  admin: { status: 403, meaning: 'The request needs the admin token.' },
  restricted: { status: 403, meaning: 'The token has rules, so it can use only the MCP endpoints.' },
  'invalid-value': {
    status: 400,
    meaning: 'The body has a value that is not allowed. The message names it.',
  },
  'not-found': { status: 404, meaning: 'There is nothing with this path or name.' },
  conflict: { status: 409, meaning: 'The change does not fit the present state of the gateway.' },
  'too-large': { status: 413, meaning: 'The body is larger than the limit.' },
  storage: {
    status: 507,
    meaning: 'The gateway could not write its state, for example because the disk is full.',
  },
  internal: { status: 500, meaning: 'The gateway failed to handle the request. Its log has the details.' },
  budget: { status: 503, meaning: 'A budget that all clients share is used up. The message names it.' },
  connections: { status: 503, meaning: 'The gateway has as many connections as it allows.' },
} as const;

export type ProblemCode = keyof typeof problemCodes;

/** The answers to bytes that are not a usable HTTP request; their code is `http`. */
export const httpFaults = {
  malformed: { status: '400 Bad Request', meaning: 'The bytes are not an HTTP request.' },
  slow: { status: '408 Request Timeout', meaning: 'The request did not arrive in time.' },
  largeHead: { status: '431 Request Header Fields Too Large', meaning: 'The header fields are too large.' },
} as const;
