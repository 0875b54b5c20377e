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

/** A server accepted a request but ended its HTTP response without a JSON-RPC response. */
export class NoResponseError extends Error {}

/** A server refused a message because it does not know the session any more. */
export class SessionExpiredError extends Error {
  constructor() {
    super('The server does not know the session any more.');
  }
}

/** Explains an HTTP status that refuses a message to the person who wrote the server's URL. */
export function httpProblem(response: IncomingMessage, body: Buffer): HttpRefusal {
  const isPage = response.headers['content-type']?.includes('html') === true;
  const excerpt = isPage ? '' : body.toString('utf8', 0, 300).replaceAll(/\s+/g, ' ').trim();
  const message = excerpt === '' ? `${meaning(response)}.` : `${meaning(response)}: ${excerpt}`;
  return new HttpRefusal(response.statusCode ?? 0, message);
}

function meaning(response: IncomingMessage): string {
  const status = response.statusCode ?? 0;
  const { location } = response.headers;
  if (status === 401 || status === 403) return `The server refused the credentials (HTTP ${status})`;
  if (status === 407) return 'The proxy requires credentials (HTTP 407). Add them to the URL in HTTPS_PROXY';
  if (status === 404 || status === 405) return `There is no MCP endpoint at this URL (HTTP ${status})`;
  if (status >= 300 && status < 400 && location !== undefined)
    return `The server has moved to ${location} (HTTP ${status}). Write this URL into servers.json`;
  return `The server answered with HTTP ${status}`;
}

/** Whether the server does not know the session: the status is 404, or 400 with the word "session" in the body. */
export function isUnknownSession(status: number, body: Buffer): boolean {
  return status === 404 || (status === 400 && /session/i.test(body.toString('latin1', 0, 2000)));
}

/**
 * The JSON-RPC error in a refusal, as the response to the request `id`. `undefined` when there is none, and for refused
 * credentials, because the status says more about them.
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

/** The target of a redirect that keeps the method and stays in the same origin. `undefined` for any other response. */
export function redirectOf(response: IncomingMessage, from: URL): URL | undefined {
  const { location } = response.headers;
  if ((response.statusCode !== 307 && response.statusCode !== 308) || location === undefined)
    return undefined;
  if (!URL.canParse(location, from.href)) return undefined;
  const to = new URL(location, from);
  return to.origin === from.origin ? to : undefined;
}

/** Whether a message is a response. The first decisive member is enough, so a large result is not scanned. */
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
    // The message has ended, or is not JSON, which its reader reports.
    return false;
  }
}
