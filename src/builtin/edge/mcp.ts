import type { IncomingMessage } from 'node:http';
import type { LegacySession } from '../client/session';
import type { Scope } from '../catalogue/scope';
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
} from '../../mcp-wire/envelope';
import { JsonSyntaxError } from '../../mcp-wire/json-scan';
import { Params } from '../../mcp-wire/params';
import { codes, RpcError } from '../../mcp-wire/rpc-error';
import { BodyTooLargeError, readBody, wholeBody } from './body';
import { BudgetError, type BodyBudget } from './body-budget';
import { streamHeaders } from './event-stream';
import { WholeRequest } from './fast-path/request';
import type { EdgeRequest, EdgeResponse } from './http';
import { keepAliveComment, keepAliveMs } from '../../mcp-wire/sse';
import { sentence } from '../../platform/sentence';
import { Responder, responseSink } from './responder';

/** The Streamable HTTP transport at one endpoint, for clients of both protocol eras. */
export class McpEndpoint {
  constructor(
    readonly legacy: LegacyProtocol,
    readonly modern: ModernProtocol,
    readonly limits: () => { readonly bodyBytes: number },
    readonly bodies: BodyBudget,
  ) {}

  async handle(request: IncomingMessage | WholeRequest, response: EdgeResponse, scope: Scope): Promise<void> {
    try {
      if (request.method === 'POST') await this.#read(request, response, scope);
      else if (request.method === 'GET') this.#get(request, response, scope);
      else if (request.method === 'DELETE') this.#delete(request, response, scope);
      else throw new Refusal(405, 'Use POST, GET or DELETE.', { headers: { allow: 'POST, GET, DELETE' } });
    } catch (error) {
      const refusal = asBodyRefusal(error);
      if (!(refusal instanceof Refusal)) throw refusal;
      send(response, refusal.status, errorBytes(refusal.id, refusal.rpc.toBytes()), refusal.headers);
    }
  }

  /** Handles a message. A body that does not come complete with its head counts in the budget until the message is handled. */
  async #read(request: IncomingMessage | WholeRequest, response: EdgeResponse, scope: Scope): Promise<void> {
    if (!isJson(request.headers['content-type']))
      throw new Refusal(415, 'The Content-Type must be application/json.');
    const { bodyBytes } = this.limits();
    if (request instanceof WholeRequest) {
      await this.#post(request, response, scope, wholeBody(request, bodyBytes));
      return;
    }
    const share = this.bodies.share(scope.profile.name);
    try {
      await this.#post(request, response, scope, await readBody(request, bodyBytes, share));
    } finally {
      share.release();
    }
  }

  #post(
    request: EdgeRequest,
    response: EdgeResponse,
    scope: Scope,
    bytes: Buffer,
  ): Promise<void> | undefined {
    const session = this.#find(request, scope);
    if (session && isBatch(bytes, session)) return this.#batch(request, response, scope, bytes, session);
    const message = scanned(() => scanMessage(bytes));
    const params = new Params(message.bytes, 'params' in message ? message.params : undefined);
    if (message.kind !== 'request') {
      this.#take(checked(session, request, undefined), message, params);
      response.writeHead(202).end();
      return undefined;
    }
    if (isModern(request, params)) return this.#modern(request, response, scope, message, params);
    try {
      if (message.method !== 'initialize') {
        const known = checked(session, request, message.id);
        return this.#answer(request, response, scope, known, message, params);
      }
      const { session: opened, result } = this.legacy.open(params, scope);
      send(response, 200, resultBytes(message.id, result), { 'mcp-session-id': opened.id });
    } catch (error) {
      throw asRefusal(error, message);
    }
    return undefined;
  }

  /** Answers a batch, when the protocol version of the session allows batches. */
  async #batch(
    request: EdgeRequest,
    response: EdgeResponse,
    scope: Scope,
    bytes: Buffer,
    session: LegacySession,
  ): Promise<void> {
    const messages = scanned(() => messagesOf(bytes));
    if (!mayBatch(messages)) throw new Refusal(400, '"initialize" must not be part of a batch.');
    const exchange = new Responder(request, response, { log: session.events });
    const answers = await answerBatch(this.legacy, session, scope, messages, exchange);
    if (answers) exchange.reply(answers);
    else response.writeHead(202).end();
  }

  async #modern(
    request: EdgeRequest,
    response: EdgeResponse,
    scope: Scope,
    message: RequestMessage,
    params: Params,
  ): Promise<void> {
    const aborter = new AbortController();
    // In the modern era a client cancels a request by closing its response.
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

  #answer(
    request: EdgeRequest,
    response: EdgeResponse,
    scope: Scope,
    session: LegacySession,
    message: RequestMessage,
    params: Params,
  ): Promise<void> {
    const prime = session.protocolVersion >= '2025-11-25';
    const exchange = new Responder(request, response, { log: session.events, prime });
    return this.legacy.request(session, scope, message, params, exchange, traceOf(request));
  }

  #take(session: LegacySession, message: Exclude<Message, RequestMessage>, params: Params): void {
    if (message.kind === 'notification') this.legacy.notification(session, message, params);
    else this.legacy.response(session, message);
  }

  /** Opens the stream for messages that belong to no request, or resumes a broken stream. */
  #get(request: EdgeRequest, response: EdgeResponse, scope: Scope): void {
    const session = checked(this.#find(request, scope), request, undefined);
    const eventId = request.headers['last-event-id'];
    const found = typeof eventId === 'string' ? session.events.find(eventId) : undefined;
    if (typeof eventId === 'string' && !found) throw new Refusal(400, 'The Last-Event-ID is unknown.');
    const stream = found?.stream ?? session.stream;
    response.writeHead(200, streamHeaders);
    // Headers are sent with the first bytes, so that the client knows at once that it is connected.
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

  #delete(request: EdgeRequest, response: EdgeResponse, scope: Scope): void {
    this.legacy.sessions.end(checked(this.#find(request, scope), request, undefined));
    response.writeHead(204).end();
  }

  #find({ headers }: EdgeRequest, scope: Scope): LegacySession | undefined {
    const id = headers['mcp-session-id'];
    return typeof id === 'string' ? this.legacy.sessions.find(id, scope) : undefined;
  }
}

/** The session of a request that needs one. `id` is the id of the message, for an error response. */
function checked(
  session: LegacySession | undefined,
  { headers }: EdgeRequest,
  id: string | undefined,
): LegacySession {
  if (headers['mcp-session-id'] === undefined)
    throw new Refusal(400, 'The header Mcp-Session-Id is missing. Send "initialize" first.', { id });
  if (!session)
    throw new Refusal(404, 'Session not found. Send "initialize" again.', {
      id,
      code: codes.sessionNotFound,
    });
  const revision = headers['mcp-protocol-version'];
  if (typeof revision === 'string' && !legacyVersions.includes(revision))
    throw new Refusal(400, `The protocol version "${revision.slice(0, 40)}" is not supported.`, { id });
  return session;
}

function isJson(contentType: string | undefined): boolean {
  return contentType === 'application/json' || /^application\/json\b/i.test(contentType ?? '');
}

/** The era of a request: the body decides. Without a session, the header alone also means the modern era. */
function isModern({ headers }: EdgeRequest, params: Params): boolean {
  if (params.protocolVersion !== undefined) return true;
  const version = headers['mcp-protocol-version'];
  return headers['mcp-session-id'] === undefined && modernVersions.some((modern) => modern === version);
}

function traceOf(request: EdgeRequest): string | undefined {
  const header = request.headers['traceparent'];
  return typeof header === 'string' ? header : undefined;
}

/** The scanned value. Throws a refusal when it cannot be read. */
function scanned<T>(scan: () => T): T {
  try {
    return scan();
  } catch (error) {
    if (error instanceof JsonSyntaxError)
      throw new Refusal(400, sentence(`Parse error: ${error.message}`), { code: codes.parse });
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

/** A refused request: the response has an HTTP status, and a JSON-RPC error as its body. */
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

/** The connection is closed, so that the rest of the body is not read. */
function asBodyRefusal(error: unknown): unknown {
  const headers = { connection: 'close' };
  if (error instanceof BodyTooLargeError) return new Refusal(413, error.message, { headers });
  if (error instanceof BudgetError)
    return new Refusal(503, error.message, {
      code: codes.limited,
      headers: { ...headers, 'retry-after': '1' },
    });
  return error;
}

function asRefusal(error: unknown, { id }: RequestMessage): unknown {
  if (!(error instanceof RpcError)) return error;
  return new Refusal(error.status, error.message, { code: error.code, id });
}

function send(response: EdgeResponse, status: number, body: Buffer, headers: Record<string, string>): void {
  response
    .writeHead(status, { ...headers, 'content-type': 'application/json', 'content-length': body.length })
    .end(body);
}
