import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Session } from '../client/session';
import type { Scope } from '../fleet';
import { answerBatch, isBatch, mayBatch, messagesOf } from '../protocol/batch';
import { legacyVersions, type LegacyProtocol } from '../protocol/legacy';
import { modernVersions, type ModernProtocol } from '../protocol/modern';
import { checkModernRequest } from '../protocol/modern-check';
import {
  errorBytes,
  EnvelopeError,
  resultBytes,
  scanMessage,
  type Message,
  type RequestMessage,
} from '../wire/envelope';
import { JsonSyntaxError } from '../wire/json';
import { Params } from '../wire/params';
import { codes, RpcError } from '../wire/rpc-error';
import { BodyTooLargeError, readBody } from './body';
import { streamHeaders } from './event-stream';
import { keepAliveComment, keepAliveMs } from '../wire/sse';
import { Responder, responseSink } from './responder';

/** Streamable HTTP at one end point, for clients of both protocol eras. */
export class McpEndpoint {
  constructor(
    readonly legacy: LegacyProtocol,
    readonly modern: ModernProtocol,
    readonly limits: () => { readonly bodyBytes: number },
  ) {}

  async handle(request: IncomingMessage, response: ServerResponse, scope: Scope): Promise<void> {
    try {
      if (request.method === 'POST') await this.#post(request, response, scope);
      else if (request.method === 'GET') this.#get(request, response, scope);
      else if (request.method === 'DELETE') this.#delete(request, response, scope);
      else throw new Refusal(405, 'use POST, GET or DELETE', { headers: { allow: 'POST, GET, DELETE' } });
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      send(response, error.status, errorBytes(error.id, error.rpc.toBytes()), error.headers);
    }
  }

  async #post(request: IncomingMessage, response: ServerResponse, scope: Scope): Promise<void> {
    if (!/^application\/json\b/i.test(request.headers['content-type'] ?? ''))
      throw new Refusal(415, 'the Content-Type must be application/json');
    const bytes = await this.#body(request);
    if (await this.#batch(request, response, scope, bytes)) return;
    const message = scanned(() => scanMessage(bytes));
    const params = new Params(message.bytes, 'params' in message ? message.params : undefined);
    if (message.kind === 'request' && isModern(request, params))
      await this.#modern(request, response, scope, message, params);
    else await this.#legacy(request, response, scope, message, params);
  }

  async #body(request: IncomingMessage): Promise<Buffer> {
    try {
      return await readBody(request, this.limits().bodyBytes);
    } catch (error) {
      if (error instanceof BodyTooLargeError)
        throw new Refusal(413, error.message, { headers: { connection: 'close' } });
      throw error;
    }
  }

  /** Several messages as one, where the session's revision has that. Returns whether they were. */
  async #batch(
    request: IncomingMessage,
    response: ServerResponse,
    scope: Scope,
    bytes: Buffer,
  ): Promise<boolean> {
    const id = request.headers['mcp-session-id'];
    const session = typeof id === 'string' ? this.legacy.sessions.find(id, scope) : undefined;
    if (!session || !isBatch(bytes, session)) return false;
    const messages = scanned(() => messagesOf(bytes));
    if (!mayBatch(messages)) throw new Refusal(400, '"initialize" stands alone, not in a batch');
    const exchange = new Responder(request, response, { log: session.events });
    const answers = await answerBatch(this.legacy, session, scope, messages, exchange);
    if (answers) exchange.reply(answers);
    else response.writeHead(202).end();
    return true;
  }

  async #modern(
    request: IncomingMessage,
    response: ServerResponse,
    scope: Scope,
    message: RequestMessage,
    params: Params,
  ): Promise<void> {
    const aborter = new AbortController();
    // In this era closing the response is how a client cancels.
    response.on('close', () => aborter.abort());
    const exchange = new Responder(request, response);
    await this.modern.respond(
      {
        message,
        params,
        scope,
        exchange,
        closed: aborter.signal,
        traceparent: traceOf(request),
        headers: request.headers,
      },
      () => checkModernRequest(request.headers, message, params, modernVersions),
    );
  }

  async #legacy(
    request: IncomingMessage,
    response: ServerResponse,
    scope: Scope,
    message: Message,
    params: Params,
  ): Promise<void> {
    if (message.kind === 'request' && message.method === 'initialize') {
      this.#initialize(response, scope, message, params);
      return;
    }
    const session = this.#session(request, scope, message.kind === 'request' ? message.id : undefined);
    if (message.kind === 'request') {
      const prime = session.protocolVersion >= '2025-11-25';
      const exchange = new Responder(request, response, { log: session.events, prime });
      await refusing(message, () =>
        this.legacy.request(session, scope, message, params, exchange, traceOf(request)),
      );
      return;
    }
    if (message.kind === 'notification') this.legacy.notification(session, message, params);
    else this.legacy.answered(session, message);
    response.writeHead(202).end();
  }

  #initialize(response: ServerResponse, scope: Scope, message: RequestMessage, params: Params): void {
    try {
      const { session, result } = this.legacy.open(params, scope);
      send(response, 200, resultBytes(message.id, result), { 'mcp-session-id': session.id });
    } catch (error) {
      throw asRefusal(error, message);
    }
  }

  /** The stream for what belongs to no request, or the rest of a stream that broke. */
  #get(request: IncomingMessage, response: ServerResponse, scope: Scope): void {
    const session = this.#session(request, scope, undefined);
    const eventId = request.headers['last-event-id'];
    const found = typeof eventId === 'string' ? session.events.find(eventId) : undefined;
    if (typeof eventId === 'string' && !found)
      throw new Refusal(400, 'the Last-Event-ID is not known any more');
    const stream = found?.stream ?? session.stream;
    response.writeHead(200, streamHeaders);
    // The head goes out with the first bytes: a listener learns at once that it is connected.
    response.write(keepAliveComment);
    const sink = responseSink(response);
    const timer = setInterval(() => sink.write(Buffer.from(keepAliveComment)), keepAliveMs);
    response.on('close', () => {
      clearInterval(timer);
      stream.detach(sink);
      session.lastUsed = Date.now();
    });
    stream.attach(sink, found?.after);
  }

  #delete(request: IncomingMessage, response: ServerResponse, scope: Scope): void {
    this.legacy.sessions.end(this.#session(request, scope, undefined));
    response.writeHead(204).end();
  }

  #session(request: IncomingMessage, scope: Scope, id: string | undefined): Session {
    const header = request.headers['mcp-session-id'];
    if (typeof header !== 'string')
      throw new Refusal(400, 'the header Mcp-Session-Id is missing: initialize first', { id });
    const session = this.legacy.sessions.find(header, scope);
    if (!session)
      throw new Refusal(404, 'Session not found: initialize again', { id, code: codes.sessionNotFound });
    const revision = request.headers['mcp-protocol-version'];
    if (typeof revision === 'string' && !legacyVersions.includes(revision))
      throw new Refusal(400, `the protocol version "${revision.slice(0, 40)}" is not supported`, { id });
    return session;
  }
}

/** The body decides; a header without a session that names the modern era is a request that lacks its envelope. */
function isModern({ headers }: IncomingMessage, params: Params): boolean {
  if (params.protocolVersion !== undefined) return true;
  const version = headers['mcp-protocol-version'];
  return headers['mcp-session-id'] === undefined && modernVersions.some((modern) => modern === version);
}

function traceOf(request: IncomingMessage): string | undefined {
  const header = request.headers['traceparent'];
  return typeof header === 'string' ? header : undefined;
}

/** What is read, or the refusal of what cannot be. */
function scanned<T>(scan: () => T): T {
  try {
    return scan();
  } catch (error) {
    if (error instanceof JsonSyntaxError)
      throw new Refusal(400, `Parse error: ${error.message}`, { code: codes.parse });
    if (error instanceof EnvelopeError)
      throw new Refusal(400, `Invalid request: ${error.message}`, { id: error.id });
    throw error;
  }
}

interface RefusalDetails {
  code?: number;
  id?: string | undefined;
  headers?: Record<string, string>;
}

/** A request that is refused in the form of the transport: with an HTTP status, and a JSON-RPC error as the body. */
class Refusal extends Error {
  readonly rpc: RpcError;
  readonly id: string | undefined;
  readonly headers: Record<string, string>;

  constructor(
    readonly status: number,
    message: string,
    { code = codes.invalidRequest, id, headers = {} }: RefusalDetails = {},
  ) {
    super(message);
    this.rpc = new RpcError(code, message);
    this.id = id;
    this.headers = headers;
  }
}

function asRefusal(error: unknown, { id }: RequestMessage): unknown {
  if (!(error instanceof RpcError)) return error;
  return new Refusal(error.status, error.message, { code: error.code, id });
}

async function refusing(message: RequestMessage, work: () => Promise<void>): Promise<void> {
  try {
    await work();
  } catch (error) {
    throw asRefusal(error, message);
  }
}

function send(response: ServerResponse, status: number, body: Buffer, headers: Record<string, string>): void {
  response
    .writeHead(status, { ...headers, 'content-type': 'application/json', 'content-length': body.length })
    .end(body);
}
