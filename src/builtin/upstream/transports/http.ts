import type http from 'node:http';
import { deadline } from '../../../platform/deadline';
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

/** How long a server may take to take note of the end of its session. */
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
 * A server at a URL that speaks Streamable HTTP: of the legacy era, with a session, a stream for what it says by itself
 * and answers that go on after a break; or, once 2026-07-28 is negotiated, of the modern one, where every request stands
 * for itself and letting go of its response cancels it.
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
    // Credentials in a URL are not for display.
    this.url = `${options.target.origin}${options.target.pathname}`;
  }

  async send(bytes: Buffer, context?: SendContext): Promise<void> {
    // A client of the modern era sends requests and nothing else.
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
      onBreak: (problem) => this.events.log(`[gateway] the event stream broke: ${problem}`),
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
      // Best effort: most servers expire sessions by themselves.
      await this.#fetch('DELETE', { signal: AbortSignal.timeout(graceMs) }).catch(() => undefined);
    }
    this.#client.dispose();
  }

  #received(message: Buffer, context: SendContext | undefined): void {
    this.events.message(message, context?.id);
    if (this.#modern && context?.method === 'tools/list') this.#params.learn(message);
  }

  /** The next connection of an answer that has broken off, from servers that number their events. */
  async #continue(
    stream: EventStreamReader,
    unwanted: AbortSignal | undefined,
    cause: unknown,
  ): Promise<http.IncomingMessage> {
    if (this.#modern || stream.lastEventId === undefined)
      throw new Error('the event stream ended before the answer came', { cause });
    // For the pauses between the attempts: what is open ends with the client by itself.
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
    // A JSON-RPC error in the body answers the request better than the bare status does, but for an opening that was
    // sent to the wrong place.
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
    else this.events.log(`[gateway] the event stream is not offered any more (HTTP ${status})`);
  }

  #expire(status: number): void {
    if (this.#sessionExpired) return;
    this.#sessionExpired = true;
    this.events.closed(`has forgotten the session (HTTP ${status})`, 'session-expired');
  }

  /** One request, sent on to where the server redirects it within its own origin. */
  async #fetch(method: 'POST' | 'GET' | 'DELETE', exchange: Exchange): Promise<http.IncomingMessage> {
    const { body, signal } = exchange;
    for (let redirects = 0; ; redirects += 1) {
      const headers = headersOf({
        ...exchange,
        own: this.#headers,
        // The question itself which era it is to be is asked in the modern form.
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
