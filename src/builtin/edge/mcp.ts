import type { IncomingMessage, ServerResponse } from 'node:http';
import { version } from '../../platform/version';
import type { Caller } from '../calls';
import type { Fleet, Scope } from '../fleet';
import type { Router } from '../router';
import type { Session, Sessions } from '../session';
import type { Answer } from '../upstream/peer';
import {
  errorBytes,
  EnvelopeError,
  notificationBytes,
  resultBytes,
  scanMessage,
  type Message,
  type NotificationMessage,
  type RequestMessage,
} from '../wire/envelope';
import { isObject, JsonSyntaxError, memberNamed, membersOf, stringValue, type Span } from '../wire/json';
import { Params } from '../wire/params';
import { codes, RpcError } from '../wire/rpc-error';
import { BodyTooLargeError, readBody } from './body';
import { EventStream } from './event-stream';
import { checkModernRequest, modernAnswer, modernVersions } from './modern';
import { Responder } from './responder';

/** The legacy revisions, newest first. */
const legacyVersions = ['2025-11-25', '2025-06-18', '2025-03-26', '2024-11-05'];

const capabilities = {
  tools: { listChanged: true },
  prompts: { listChanged: true },
  resources: { subscribe: true, listChanged: true },
  completions: {},
  logging: {},
};
const modernCapabilities = { tools: {}, prompts: {}, resources: {}, completions: {} };

const serverInfo = { name: 'devcontainer-mcp', title: 'MCP Gateway for Dev Containers', version };

/** Streamable HTTP at one end point, for clients of both protocol eras. */
export class McpEndpoint {
  constructor(
    readonly fleet: Fleet,
    readonly router: Router,
    readonly sessions: Sessions,
    readonly limits: () => { readonly bodyBytes: number },
  ) {}

  async handle(request: IncomingMessage, response: ServerResponse, scope: Scope): Promise<void> {
    if (request.method === 'POST') await this.#post(request, response, scope);
    else if (request.method === 'GET') this.#get(request, response, scope);
    else if (request.method === 'DELETE') this.#delete(request, response, scope);
    else
      refuse(response, 405, codes.invalidRequest, 'use POST, GET or DELETE', { allow: 'POST, GET, DELETE' });
  }

  async #post(request: IncomingMessage, response: ServerResponse, scope: Scope): Promise<void> {
    if (!/^application\/json\b/i.test(request.headers['content-type'] ?? '')) {
      refuse(response, 415, codes.invalidRequest, 'the Content-Type must be application/json');
      return;
    }
    const message = await this.#read(request, response);
    if (!message) return;
    const params = new Params(message.bytes, 'params' in message ? message.params : undefined);
    if (message.kind === 'request' && params.protocolVersion !== undefined)
      await this.#modern(request, response, scope, message, params);
    else await this.#legacy(request, response, scope, message, params);
  }

  async #read(request: IncomingMessage, response: ServerResponse): Promise<Message | undefined> {
    try {
      return scanMessage(await readBody(request, this.limits().bodyBytes));
    } catch (error) {
      if (error instanceof BodyTooLargeError)
        refuse(response, 413, codes.invalidRequest, error.message, { connection: 'close' });
      else if (error instanceof JsonSyntaxError)
        refuse(response, 400, codes.parse, `Parse error: ${error.message}`);
      else if (error instanceof EnvelopeError)
        refuse(response, 400, codes.invalidRequest, `Invalid request: ${error.message}`, {}, error.id);
      else throw error;
      return undefined;
    }
  }

  async #modern(
    request: IncomingMessage,
    response: ServerResponse,
    scope: Scope,
    message: RequestMessage,
    params: Params,
  ): Promise<void> {
    const aborter = new AbortController();
    const responder = new Responder(request, response);
    // In this era closing the response is how a client cancels.
    response.on('close', () => aborter.abort());
    await this.#answer(responder, message, true, async () => {
      checkModernRequest(request.headers, message, params);
      if (message.method === 'server/discover') return modernAnswer(message.method, this.#discover(scope));
      return modernAnswer(
        message.method,
        await this.#route(message, params, scope, responder, aborter.signal, modernCaller(request, params)),
      );
    });
  }

  async #legacy(
    request: IncomingMessage,
    response: ServerResponse,
    scope: Scope,
    message: Message,
    params: Params,
  ): Promise<void> {
    if (message.kind === 'request' && message.method === 'initialize') {
      this.#initialize(request, response, scope, message, params);
      return;
    }
    const session = this.#session(
      request,
      response,
      scope,
      message.kind === 'request' ? message.id : undefined,
    );
    if (!session) return;
    if (message.kind === 'request')
      await this.#legacyRequest(request, response, scope, session, message, params);
    else {
      if (message.kind === 'notification') notified(session, message, params);
      response.writeHead(202).end();
    }
  }

  async #legacyRequest(
    request: IncomingMessage,
    response: ServerResponse,
    scope: Scope,
    session: Session,
    message: RequestMessage,
    params: Params,
  ): Promise<void> {
    const responder = new Responder(request, response);
    const aborter = new AbortController();
    if (session.running.has(message.id)) {
      refuse(
        response,
        400,
        codes.invalidRequest,
        `the id ${message.id} is in use by a request under way`,
        {},
        message.id,
      );
      return;
    }
    session.running.set(message.id, aborter);
    try {
      await this.#answer(responder, message, false, async () => {
        if (this.#staysSubscribed(session, message, params))
          return { kind: 'result', body: Buffer.from('{}') };
        const caller = legacyCaller(request, session);
        const answer = await this.#route(message, params, scope, responder, aborter.signal, caller);
        if (answer.kind === 'result') remember(session, message.method, params);
        return answer;
      });
    } finally {
      session.running.delete(message.id);
    }
  }

  async #route(
    message: RequestMessage,
    params: Params,
    scope: Scope,
    responder: Responder,
    signal: AbortSignal,
    caller: Caller,
  ): Promise<Answer> {
    return await this.router.route({
      method: message.method,
      params,
      scope,
      signal,
      caller,
      progress: (progress) => responder.notify(notificationBytes('notifications/progress', progress)),
    });
  }

  /** Another session still wants the updates of a resource that this one lets go. */
  #staysSubscribed(session: Session, message: RequestMessage, params: Params): boolean {
    const uri = params.text('uri');
    if (message.method !== 'resources/unsubscribe' || uri === undefined) return false;
    session.subscribed.delete(uri);
    return this.sessions.anySubscribed(uri);
  }

  /** `statuses`: the modern era repeats errors in the HTTP status; the legacy era sends them with 200. */
  async #answer(
    responder: Responder,
    message: RequestMessage,
    statuses: boolean,
    work: () => Promise<Answer>,
  ): Promise<void> {
    try {
      const answer = await work();
      responder.reply(
        answer.kind === 'result' ? resultBytes(message.id, answer.body) : errorBytes(message.id, answer.body),
      );
    } catch (error) {
      const rpc =
        error instanceof RpcError
          ? error
          : new RpcError(codes.internal, 'the gateway failed to handle the request', { cause: error });
      responder.reply(errorBytes(message.id, rpc.toBytes()), statuses ? rpc.status : 200);
      if (!(error instanceof RpcError)) throw error;
    }
  }

  #initialize(
    request: IncomingMessage,
    response: ServerResponse,
    scope: Scope,
    message: RequestMessage,
    params: Params,
  ): void {
    const asked = params.text('protocolVersion');
    if (asked === undefined) {
      refuse(response, 400, codes.invalidParams, '"params.protocolVersion" must be a string', {}, message.id);
      return;
    }
    const agreed = legacyVersions.includes(asked) ? asked : (legacyVersions[0] ?? asked);
    const session = this.sessions.create(
      scope,
      agreed,
      clientName(params.bytes, params.member('clientInfo')),
    );
    const result = { protocolVersion: agreed, capabilities, serverInfo, ...this.#instructions(scope) };
    new Responder(request, response, { 'mcp-session-id': session.id }).reply(
      resultBytes(message.id, Buffer.from(JSON.stringify(result))),
    );
  }

  #discover(scope: Scope): Answer {
    const result = {
      supportedVersions: modernVersions,
      capabilities: modernCapabilities,
      serverInfo,
      ...this.#instructions(scope),
    };
    return {
      kind: 'result',
      body: Buffer.from(
        JSON.stringify({ ...result, _meta: { 'io.modelcontextprotocol/serverInfo': serverInfo } }),
      ),
    };
  }

  #instructions(scope: Scope): { instructions?: string } {
    const parts = scope.servers.flatMap(({ name, instructions }) =>
      instructions === undefined ? [] : [scope.prefixed ? `[${name}]\n${instructions}` : instructions],
    );
    return parts.length > 0 ? { instructions: parts.join('\n\n') } : {};
  }

  #get(request: IncomingMessage, response: ServerResponse, scope: Scope): void {
    const session = this.#session(request, response, scope, undefined);
    if (!session) return;
    const stream = new EventStream(response);
    session.attach(stream);
    stream.onClosed(() => session.detach(stream));
  }

  #delete(request: IncomingMessage, response: ServerResponse, scope: Scope): void {
    const session = this.#session(request, response, scope, undefined);
    if (!session) return;
    this.sessions.end(session);
    response.writeHead(204).end();
  }

  #session(
    request: IncomingMessage,
    response: ServerResponse,
    scope: Scope,
    id: string | undefined,
  ): Session | undefined {
    const header = request.headers['mcp-session-id'];
    if (typeof header !== 'string') {
      refuse(
        response,
        400,
        codes.invalidRequest,
        'the header Mcp-Session-Id is missing: initialize first',
        {},
        id,
      );
      return undefined;
    }
    const session = this.sessions.find(header, scope);
    if (!session) refuse(response, 404, codes.sessionNotFound, 'Session not found: initialize again', {}, id);
    const revision = request.headers['mcp-protocol-version'];
    if (session && typeof revision === 'string' && !legacyVersions.includes(revision)) {
      refuse(
        response,
        400,
        codes.invalidRequest,
        `the protocol version "${revision.slice(0, 40)}" is not supported`,
        {},
        id,
      );
      return undefined;
    }
    return session;
  }
}

function legacyCaller(request: IncomingMessage, session: Session): Caller {
  return { era: 'legacy', session: session.id, client: session.client, traceparent: traceOf(request) };
}

function modernCaller(request: IncomingMessage, params: Params): Caller {
  const client = clientName(params.bytes, params.meta('io.modelcontextprotocol/clientInfo'));
  return { era: 'modern', session: undefined, client, traceparent: traceOf(request) };
}

function traceOf(request: IncomingMessage): string | undefined {
  const header = request.headers['traceparent'];
  return typeof header === 'string' ? header : undefined;
}

function clientName(bytes: Buffer, info: Span | undefined): string | undefined {
  return isObject(bytes, info)
    ? stringValue(bytes, memberNamed(membersOf(bytes, info.start), 'name'))
    : undefined;
}

function notified(session: Session, message: NotificationMessage, params: Params): void {
  if (message.method !== 'notifications/cancelled' || !message.params) return;
  const id = memberNamed(membersOf(message.bytes, message.params.start), 'requestId');
  if (id) session.running.get(params.bytes.toString('utf8', id.start, id.end))?.abort();
}

function remember(session: Session, method: string, params: Params): void {
  const uri = params.text('uri');
  if (uri !== undefined && method === 'resources/subscribe') session.subscribed.add(uri);
}

function refuse(
  response: ServerResponse,
  status: number,
  code: number,
  message: string,
  headers: Record<string, string> = {},
  id?: string,
): void {
  const body = errorBytes(id, new RpcError(code, message).toBytes());
  response
    .writeHead(status, { ...headers, 'content-type': 'application/json', 'content-length': body.length })
    .end(body);
}
