import type { IncomingMessage } from 'node:http';
import type { Message } from '../../mcp-wire/envelope';
import { AppError } from '../../platform/errors';
import { bearer } from '../resolve/probe';
import { eventsOf, StreamPosition } from './events';
import { bodyOf, exchange, mediaTypeOf } from '../http';
import { tryScan } from './message';

/** A session of the legacy era. A server may go without an id. */
export interface BridgeSession {
  id: string | undefined;
  version: string;
}

/** A gateway that answered at an address with a token, and the session the bridge has there. */
export class BridgeConnection {
  session: BridgeSession | undefined;

  constructor(
    readonly url: URL,
    readonly token: string | undefined,
  ) {}

  /** The headers of a POST; those of the session for messages that belong to it. */
  postHeaders(inSession: boolean): Record<string, string> {
    return {
      'content-type': 'application/json',
      accept: 'application/json, text/event-stream',
      ...this.#common(inSession),
    };
  }

  /** The headers of the GET that opens the server's own stream, or continues a broken one. */
  streamHeaders(lastEventId: string | undefined): Record<string, string> {
    return {
      accept: 'text/event-stream',
      ...(lastEventId === undefined ? {} : { 'last-event-id': lastEventId }),
      ...this.#common(true),
    };
  }

  /** Ends the session at the gateway; a gateway that is gone has none. */
  async end(timeoutMs: number): Promise<void> {
    const session = this.session;
    this.session = undefined;
    if (session?.id === undefined) return;
    const headers = {
      ...bearer(this.token),
      'mcp-session-id': session.id,
      'mcp-protocol-version': session.version,
    };
    const signal = AbortSignal.timeout(timeoutMs);
    try {
      (await exchange({ url: this.url, method: 'DELETE', headers, signal, fresh: true }).reply).resume();
    } catch {
      return;
    }
  }

  #common(inSession: boolean): Record<string, string> {
    const session = inSession ? this.session : undefined;
    return {
      ...bearer(this.token),
      ...(session ? { 'mcp-protocol-version': session.version } : {}),
      ...(session?.id === undefined ? {} : { 'mcp-session-id': session.id }),
    };
  }
}

/** Sends a message of the bridge's own and waits for its response, which nobody else sees. */
export async function roundTrip(
  connection: BridgeConnection,
  bytes: Buffer,
  signal: AbortSignal,
): Promise<{ reply: IncomingMessage; response: Message | undefined }> {
  const inSession = connection.session !== undefined;
  const reply = await exchange({
    url: connection.url,
    method: 'POST',
    headers: connection.postHeaders(inSession),
    body: bytes,
    signal,
  }).reply;
  if (mediaTypeOf(reply) !== 'text/event-stream') {
    const body = await bodyOf(reply);
    return { reply, response: body.length === 0 ? undefined : tryScan(body) };
  }
  for await (const data of eventsOf(reply, new StreamPosition())) {
    const message = tryScan(data);
    if (message?.kind === 'result' || message?.kind === 'error') return { reply, response: message };
  }
  throw new AppError('protocol', 'the gateway ended its answer before the response');
}
