import type { IncomingMessage, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { CallControl } from '../call-control/call-control';
import { isRestricted, seesServer, type Profile } from '../tokens/profile';
import type { ServerRegistry } from '../catalogue/server-registry';
import { scopeForProfile, type Scope } from '../catalogue/scope';
import { ResponsesByToken } from './responses-by-token';
import type { Api } from './api/api';
import { Connections } from './connections';
import type { WholeRequest } from './fast-path/request';
import type { FastResponse } from './fast-path/response';
import type { Guard } from './guard';
import type { EdgeRequest, EdgeResponse } from './http';
import type { McpEndpoint } from './mcp';
import { recordRefusal } from './record-refusal';
import { pathOf, targetOf, type RequestTarget } from './request-target';
import { sendJson, sendProblem, type HttpProblem } from './respond';
import type { HttpSseEndpoint } from './http-sse';
import { step } from '../../platform/next-step';

export interface EdgeParts {
  guard: Guard;
  registry(): ServerRegistry;
  mcp: McpEndpoint;
  httpSse: HttpSseEndpoint;
  api: Api;
  callControl: CallControl;
  /** Logs a failure that was not caused by a client. */
  report(problem: string, error: unknown): void;
}

/** The HTTP server of the gateway. It checks each request, and passes it to the handler for its path. */
export class EdgeServer {
  readonly #connections: Connections;
  readonly #responses = new ResponsesByToken();

  constructor(readonly parts: EdgeParts) {
    this.#connections = new Connections(
      parts.callControl.edgeLimits,
      (request, response) => {
        // A client that disconnects while it sends is not a failure of the gateway.
        const isGone = (): boolean => request.destroyed && !request.complete;
        this.#attempt(request, response, isGone, () => this.#handle(request, response));
      },
      (request, response) => this.#handleFast(request, response),
    );
    parts.callControl.observeConnections(this.#connections);
  }

  /** Starts listening and resolves with the port. Rejects when the address is in use or not available. */
  async listen(host: string, port: number): Promise<number> {
    const { server } = this.#connections;
    return await new Promise((resolve, reject) => {
      server.once('error', reject);
      server.listen({ host, port }, () => {
        server.off('error', reject);
        resolve((server.address() as AddressInfo).port);
      });
    });
  }

  /** Accepts no more connections. Requests on open connections are still handled. */
  stopAccepting(): void {
    this.#connections.stopAccepting();
  }

  async close(): Promise<void> {
    await this.#connections.close();
  }

  /** Closes all open responses of a token. */
  endOf(token: string): void {
    this.#responses.end(token);
  }

  #attempt(
    request: EdgeRequest,
    response: EdgeResponse,
    isGone: () => boolean,
    handle: () => Promise<void> | undefined,
  ): void {
    const failed = (error: unknown): void => {
      if (!isGone()) this.#failed(request, response, error);
    };
    try {
      handle()?.catch(failed);
    } catch (error) {
      failed(error);
    }
  }

  #failed(request: EdgeRequest, response: EdgeResponse, error: unknown): void {
    this.parts.report(`The request ${request.method ?? ''} ${pathOf(request)} failed`, error);
    if (!response.headersSent)
      sendProblem(response, {
        status: 500,
        code: 'internal',
        message: 'The gateway failed to handle the request.',
        next: step('Look at its log.', 'logs'),
      });
    // A response that has ended is already on its way to the client.
    else if (!response.writableEnded) response.destroy();
  }

  /** Handles a request. Returns a promise when it is not finished at once. */
  #handle(request: IncomingMessage, response: ServerResponse): Promise<void> | undefined {
    const tooMany = this.#connections.problemOf(request);
    if (tooMany) this.#reject(response, tooMany, { connection: 'close' });
    if (tooMany || !this.#addressAllowed(request, response)) return undefined;
    const target = targetOf(request);
    if (this.#publicPaths(request, response, target.path)) return undefined;
    const profile = this.#profileOf(request, response);
    if (!profile) return undefined;
    const endpoint = this.#endpointOf(target.path);
    if (!endpoint || isHidden(endpoint.scope, profile))
      return this.#ownPaths(request, response, target, profile);
    const scope = scopeForProfile(endpoint.scope, profile);
    if (endpoint.transport === 'mcp') return this.parts.mcp.handle(request, response, scope);
    return this.#oldTransport(request, response, scope, endpoint.transport, target.query);
  }

  /** Handles a complete request. Returns `false` to leave it to {@link #handle}. */
  #handleFast(request: WholeRequest, response: FastResponse): boolean {
    const { path } = targetOf(request);
    const endpoint = this.#endpointOf(path);
    if (endpoint?.transport !== 'mcp') return false;
    const { guard, mcp } = this.parts;
    if (path[0] === 'servers' && isHidden(endpoint.scope, guard.profileOf(request.headers))) return false;
    const isGone = (): boolean => false;
    this.#attempt(request, response, isGone, () => {
      const profile = this.#addressAllowed(request, response) && this.#profileOf(request, response);
      if (!profile) return undefined;
      return mcp.handle(request, response, scopeForProfile(endpoint.scope, profile));
    });
    return true;
  }

  #addressAllowed(request: EdgeRequest, response: EdgeResponse): boolean {
    const refusal = this.parts.guard.checkAddress(request.headers);
    if (refusal) this.#reject(response, refusal);
    return refusal === undefined;
  }

  /** The profile of the request's token. Refuses the request when there is none. */
  #profileOf(request: EdgeRequest, response: EdgeResponse): Profile | undefined {
    const { guard } = this.parts;
    const profile = guard.profileOf(request.headers);
    // The challenge has no parameters. With parameters, clients would start an OAuth registration.
    if (!profile)
      this.#reject(response, guard.tokenProblem(request.headers), { 'www-authenticate': 'Bearer' });
    else {
      this.#connections.prove(response.socket);
      this.#responses.add(profile, response);
    }
    return profile;
  }

  #reject(response: EdgeResponse, problem: HttpProblem, headers: Record<string, string> = {}): void {
    this.parts.callControl.countRejected(problem.code);
    sendProblem(response, problem, headers);
  }

  /** Handles paths that need no token: health checks, and OAuth discovery, which the gateway does not have. */
  #publicPaths(request: IncomingMessage, response: ServerResponse, path: readonly string[]): boolean {
    const [first, second] = path;
    if (first === '.well-known')
      sendProblem(response, {
        status: 404,
        code: 'not-found',
        message: 'This path does not exist.',
        next: 'The gateway uses bearer tokens, not OAuth.',
      });
    else if (path.length !== 1 || second !== undefined || request.method !== 'GET') return false;
    else if (first === 'health') sendJson(response, 200, { status: 'ok' });
    else if (first === 'ready') this.#ready(response);
    else return false;
    return true;
  }

  #ready(response: ServerResponse): void {
    if (this.parts.registry().settled) sendJson(response, 200, { status: 'ready' });
    else sendJson(response, 503, { status: 'starting' });
  }

  /** The scope of an MCP endpoint, and the rest of its path. `undefined` for every other path. */
  #endpointOf(path: readonly string[]): { scope: Scope; transport: string } | undefined {
    const [first, name = ''] = path;
    const registry = this.parts.registry();
    if (first === 'mcp' || first === 'sse') return { scope: registry.all, transport: path.join('/') };
    const scope = first === 'servers' ? registry.one(name) : undefined;
    return scope && { scope, transport: path.slice(2).join('/') };
  }

  /** Handles the old HTTP+SSE transport. */
  #oldTransport(
    request: IncomingMessage,
    response: ServerResponse,
    scope: Scope,
    transport: string,
    query: URLSearchParams,
  ): Promise<void> | undefined {
    const { httpSse: pairs } = this.parts;
    if (transport === 'sse/message' && request.method === 'POST')
      return pairs.receive(request, response, scope, query.get('sessionId'));
    if (transport === 'sse' && request.method === 'GET') pairs.listen(response, scope, pathOf(request));
    else nothingAt(request, response);
    return undefined;
  }

  /** Handles `/metrics` and `/api`. Tokens with restrictions are refused, because these paths show all servers. */
  #ownPaths(
    request: IncomingMessage,
    response: ServerResponse,
    { path, query }: RequestTarget,
    profile: Profile,
  ): Promise<void> | undefined {
    const [first] = path;
    const metrics = first === 'metrics' && path.length === 1 && request.method === 'GET';
    if (isRestricted(profile) && (metrics || first === 'api' || first === 'servers'))
      return this.#refuse(request, response, path, profile);
    if (metrics) return this.#metrics(response);
    if (first === 'api') return this.#api(request, response, path.slice(1), query, profile);
    nothingAt(request, response);
    return undefined;
  }

  /** Refuses a path to a token with rules, and records it. A server that it may not see does not exist for it. */
  async #refuse(
    request: IncomingMessage,
    response: ServerResponse,
    [first, name = '']: readonly string[],
    profile: Profile,
  ): Promise<void> {
    const server = first === 'servers' ? this.parts.registry().one(name)?.key : undefined;
    const problem =
      first === 'servers'
        ? `The token "${profile.name}" has no permission for this server, or there is no such server.`
        : `The token "${profile.name}" has restrictions. It can use only the MCP endpoints.`;
    await recordRefusal(this.parts.callControl, request, profile, problem, server);
    if (first === 'servers') nothingAt(request, response);
    else
      this.#reject(response, {
        status: 403,
        code: 'restricted',
        message: problem,
        next: 'Use the client token, or a named token without restrictions.',
      });
  }

  async #api(
    request: IncomingMessage,
    response: ServerResponse,
    path: readonly string[],
    query: URLSearchParams,
    profile: Profile,
  ): Promise<void> {
    if (!(await this.parts.api.handle(request, response, path, query, profile))) nothingAt(request, response);
  }

  async #metrics(response: ServerResponse): Promise<void> {
    const body = Buffer.from(await this.parts.callControl.metricsText());
    response
      .writeHead(200, {
        'content-type': 'text/plain; version=0.0.4; charset=utf-8',
        'content-length': body.length,
      })
      .end(body);
  }
}

/** Whether the endpoint of one server does not exist for a token. */
function isHidden({ prefixed, servers }: Scope, profile: Profile | undefined): boolean {
  return !prefixed && profile !== undefined && servers.every(({ name }) => !seesServer(profile, name));
}

function nothingAt(request: IncomingMessage, response: ServerResponse): void {
  sendProblem(response, {
    status: 404,
    code: 'not-found',
    message: `There is no handler for ${request.method ?? ''} ${pathOf(request)}.`,
    next: 'The MCP endpoint is /mcp.',
  });
}
