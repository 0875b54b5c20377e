import type http from 'node:http';
import { deadline } from '../../../platform/deadline';
import { sentence } from '../../../platform/sentence';
import { modernVersion } from '../../../mcp-wire/modern-era';
import type { Transport, TransportEvents, SendContext } from './transport';
import { readAnswer } from './http-response';
import { defaultResultLimit, EventStreamReader, readBody, type ResultLimit } from './http-body';
import { HttpClient } from './http-client';
import { headersOf, isModern } from './http-headers';
import {
  httpProblem,
  isUnknownSession,
  redirectOf,
  refusalAsAnswer,
  SessionExpiredError,
} from './http-problem';
import { listen, resume, type OpenStream } from './http-reconnect';
import { ParamHeaders } from './param-headers';

/** The time limit for the server to accept the end of the session. */
const graceMs = 1000;

const maximumRedirects = 3;

export interface HttpTransportOptions {
  target: URL;
  headers: Readonly<Record<string, string>>;
  resultLimit?: ResultLimit;
}

interface Exchange {
  body?: Buffer;
  context?: SendContext | undefined;
  signal?: AbortSignal | undefined;
  lastEventId?: string | undefined;
  params?: Readonly<Record<string, string>>;
}

/**
 * Streamable HTTP. In the legacy era there is a session, an event stream for messages that belong to no request, and
 * responses that can be resumed after a break. After 2026-07-28 was negotiated, requests are independent, and closing a
 * response cancels its request. See https://modelcontextprotocol.io/specification/2025-11-25/basic/transports
 */
export class HttpTransport implements Transport {
  readonly pid = null;
  readonly url: string;
  readonly #headers: Readonly<Record<string, string>>;
  readonly #resultLimit: ResultLimit;
  readonly #client = new HttpClient();
  readonly #closing = new AbortController();
  readonly #params = new ParamHeaders();
  #target: URL;
  #sessionId: string | undefined;
  #sessionExpired = false;
  #protocolVersion: string | undefined;
  #closed: Promise<void> | undefined;

  constructor(
    options: HttpTransportOptions,
    readonly events: TransportEvents,
  ) {
    this.#target = options.target;
    this.#headers = options.headers;
    this.#resultLimit = options.resultLimit ?? defaultResultLimit;
    // The URL is displayed, so it must not contain credentials.
    this.url = `${options.target.origin}${options.target.pathname}`;
  }

  async send(bytes: Buffer, context?: SendContext): Promise<void> {
    // A client of the modern era sends only requests.
    if (this.#modern && context?.id === undefined) return;
    if (this.#sessionExpired) throw new SessionExpiredError();
    const params =
      this.#modern && context?.method === 'tools/call' ? this.#params.of(bytes, context.name) : {};
    const response = await this.#fetch('POST', { body: bytes, context, params, signal: context?.signal });
    const status = response.statusCode ?? 0;
    if (status < 200 || status >= 300) {
      await this.#refused(response, context);
      return;
    }
    const session = response.headers['mcp-session-id'];
    if (context?.method === 'initialize' && typeof session === 'string') this.#sessionId = session;
    await readAnswer(response, {
      limit: this.#resultLimit,
      isRequest: context?.id !== undefined,
      onMessage: (message) => this.#received(message, context),
      next: async (stream, cause) => this.#continue(stream, context?.signal, cause),
    });
  }

  negotiated(protocolVersion: string): void {
    this.#protocolVersion = protocolVersion;
    if (this.#modern) return;
    const { signal } = this.#closing;
    void listen({
      stream: new EventStreamReader(this.#resultLimit, (data) => this.events.message(data)),
      open: async (lastEventId) => this.#fetch('GET', { signal, lastEventId }),
      signal,
      onRefused: (response) => void this.#listeningRefused(response),
      onBreak: (problem) => this.events.log(sentence(`[gateway] The event stream broke: ${problem}`)),
    });
  }

  close(): Promise<void> {
    this.#closed ??= this.#end();
    return this.#closed;
  }

  get #modern(): boolean {
    return isModern(this.#protocolVersion);
  }

  async #end(): Promise<void> {
    this.#closing.abort();
    this.#client.abort();
    if (this.#sessionId !== undefined && !this.#sessionExpired) {
      // A failure is ignored, because most servers end unused sessions by themselves.
      await this.#fetch('DELETE', { signal: AbortSignal.timeout(graceMs) }).catch(() => undefined);
    }
    this.#client.dispose();
  }

  #received(message: Buffer, context: SendContext | undefined): void {
    this.events.message(message, context?.id);
    if (this.#modern && context?.method === 'tools/list') this.#params.learn(message);
  }

  /** Resumes a broken response stream on a new connection, when the server numbers its events. */
  async #continue(
    stream: EventStreamReader,
    unwanted: AbortSignal | undefined,
    cause: unknown,
  ): Promise<http.IncomingMessage> {
    if (this.#modern || stream.lastEventId === undefined)
      throw new Error('The event stream ended before the response.', { cause });
    // This signal is only for the delays between attempts. Open connections end with the client.
    const pauses = deadline([this.#closing.signal, ...(unwanted ? [unwanted] : [])]);
    const open: OpenStream = async (lastEventId) => this.#fetch('GET', { signal: unwanted, lastEventId });
    try {
      return await resume(stream, open, pauses.signal);
    } finally {
      pauses.dispose();
    }
  }

  async #refused(response: http.IncomingMessage, context: SendContext | undefined): Promise<void> {
    const status = response.statusCode ?? 0;
    const body = await readBody(response, this.#resultLimit());
    if (this.#sessionId !== undefined && isUnknownSession(status, body)) {
      this.#expire(status);
      throw new SessionExpiredError();
    }
    // A JSON-RPC error in the body is a better response than the status, except when `initialize` went to a wrong URL.
    const misplaced = context?.method === 'initialize' && (status === 404 || status === 405);
    const answer =
      context?.id === undefined || misplaced ? undefined : refusalAsAnswer(status, body, context.id);
    if (!answer) throw httpProblem(response, body);
    this.events.message(answer, context?.id);
  }

  async #listeningRefused(response: http.IncomingMessage): Promise<void> {
    const status = response.statusCode ?? 0;
    const body = await readBody(response, this.#resultLimit()).catch(() => Buffer.alloc(0));
    if (this.#sessionId !== undefined && isUnknownSession(status, body)) this.#expire(status);
    else this.events.log(`[gateway] The server does not offer the event stream any more (HTTP ${status}).`);
  }

  #expire(status: number): void {
    if (this.#sessionExpired) return;
    this.#sessionExpired = true;
    this.events.closed(`does not know the session any more (HTTP ${status})`, 'session-expired');
  }

  /** Sends one request, and follows redirects within the same origin. */
  async #fetch(method: 'POST' | 'GET' | 'DELETE', exchange: Exchange): Promise<http.IncomingMessage> {
    const { body, signal } = exchange;
    for (let redirects = 0; ; redirects += 1) {
      const headers = headersOf({
        ...exchange,
        own: this.#headers,
        // The probe of the era always has the modern form.
        protocolVersion:
          exchange.context?.method === 'server/discover' ? modernVersion : this.#protocolVersion,
        sessionId: this.#sessionId,
      });
      const response = await this.#client.request(this.#target, { method, headers, body, signal });
      const next = redirects < maximumRedirects ? redirectOf(response, this.#target) : undefined;
      if (!next) return response;
      response.resume();
      this.#target = next;
    }
  }
}
