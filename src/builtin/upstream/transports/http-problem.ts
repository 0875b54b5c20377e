import type { IncomingMessage } from 'node:http';
import { errorBytes, scanMessage, slice } from '../../../mcp-wire/envelope';
import { skipSpace, skipValue } from '../../../mcp-wire/json-scan';

/** A server refused a message with an HTTP status. */
export class HttpRefusal extends Error {
  constructor(
    readonly status: number,
    message: string,
  ) {
    super(message);
    this.name = 'HttpRefusal';
  }
}

/** A server took a request and ended its response without an answer. */
export class NoResponseError extends Error {}

/** A server did not take a message, because it does not know the session any more. */
export class SessionExpiredError extends Error {
  constructor() {
    super('the server has forgotten the session');
  }
}

/** What an HTTP status that refuses a message means for the person who wrote the server's URL. */
export function httpProblem(response: IncomingMessage, body: Buffer): HttpRefusal {
  const isPage = response.headers['content-type']?.includes('html') === true;
  const excerpt = isPage ? '' : body.toString('utf8', 0, 300).replaceAll(/\s+/g, ' ').trim();
  const message = excerpt === '' ? meaning(response) : `${meaning(response)}: ${excerpt}`;
  return new HttpRefusal(response.statusCode ?? 0, message);
}

function meaning(response: IncomingMessage): string {
  const status = response.statusCode ?? 0;
  const { location } = response.headers;
  if (status === 401 || status === 403) return `the server refused our credentials (HTTP ${status})`;
  if (status === 407) return 'the proxy wants credentials (HTTP 407); write them into the URL of HTTPS_PROXY';
  if (status === 404 || status === 405) return `there is no MCP end point at this URL (HTTP ${status})`;
  if (status >= 300 && status < 400 && location !== undefined)
    return `the server has moved to ${location} (HTTP ${status}); write that URL into servers.json`;
  return `the server answered with HTTP ${status}`;
}

/** Whether this status and body mean that the server does not know our session: 404, or 400 with a word about sessions. */
export function isUnknownSession(status: number, body: Buffer): boolean {
  return status === 404 || (status === 400 && /session/i.test(body.toString('latin1', 0, 2000)));
}

/**
 * The JSON-RPC error of a refusal as the answer to request `id`, whatever id it bears; `undefined` when it holds none,
 * and for refused credentials, of which the status says more.
 */
export function refusalAsAnswer(status: number, body: Buffer, id: number): Buffer | undefined {
  if (status === 401 || status === 403) return undefined;
  try {
    const message = scanMessage(body);
    return message.kind === 'error' ? errorBytes(String(id), slice(body, message.error)) : undefined;
  } catch {
    return undefined;
  }
}

/** Where a response sends the request to, within the same origin and as it is; `undefined` for any other response. */
export function redirectOf(response: IncomingMessage, from: URL): URL | undefined {
  const { location } = response.headers;
  if ((response.statusCode !== 307 && response.statusCode !== 308) || location === undefined)
    return undefined;
  if (!URL.canParse(location, from.href)) return undefined;
  const to = new URL(location, from);
  return to.origin === from.origin ? to : undefined;
}

/** Whether a message answers a request: decided by the first member that tells, so that a large result is not scanned. */
export function isAnswer(message: Buffer): boolean {
  try {
    let at = skipSpace(message, skipSpace(message, 0) + 1);
    for (;;) {
      const keyEnd = skipValue(message, at);
      const key = message.toString('latin1', at + 1, keyEnd - 1);
      if (key === 'result' || key === 'error') return true;
      if (key === 'method') return false;
      const value = skipSpace(message, skipSpace(message, keyEnd) + 1);
      at = skipSpace(message, skipSpace(message, skipValue(message, value)) + 1);
    }
  } catch {
    // The end of the message, or what its reader reports as unreadable.
    return false;
  }
}
