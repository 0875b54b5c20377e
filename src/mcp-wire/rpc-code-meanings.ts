import type { codes } from './rpc-error';

/** What each code means to a client. docs/errors.md is written from this. */
export const codeMeanings: Readonly<Record<keyof typeof codes, string>> = {
  parse: 'The message is not JSON.',
  invalidRequest: 'The message is not a valid JSON-RPC request, or it does not fit the session.',
  methodNotFound: 'The method is not known, or the era of the client does not have it.',
  invalidParams:
    'A parameter is missing or wrong, or it names something that does not exist. Tokens with rules get -32003 for names.',
  internal:
    'There is no answer: the server is not available, the call was cancelled, or the gateway failed. With `data.reason` `stopping`, the gateway stops.',
  connection:
    '`connect` lost the gateway or the client. `data.code` is one of the codes of the command line.',
  sessionNotFound: 'The gateway does not know the session. The client has to initialize again.',
  resourceNotFound: 'No server has this resource. Clients of 2026-07-28 get -32602 instead.',
  refused: 'The rules of the token do not allow this, or it does not exist. `data.reason` is `filter`.',
  limited: 'A limit is reached. `data.reason` is `rate`, `quota`, `queue` or `result-size`.',
  headerMismatch: 'A header of 2026-07-28 is missing, or it differs from the body.',
  missingClientCapability:
    'The server needs something that the client does not offer. The server sends this code.',
  unsupportedProtocolVersion: 'The gateway does not support the protocol revision of the request.',
};
