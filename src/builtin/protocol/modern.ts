import type { IncomingHttpHeaders } from 'node:http';
import { statelessCaller } from '../client/caller';
import {
  acceptsRequests,
  readIdentity,
  supportsRequest,
  type Client,
  type ClientCall,
  type ClientIdentity,
} from '../client/client';
import { logMessage, passes } from '../client/log-level';
import type { ServerRegistry } from '../catalogue/server-registry';
import { type Scope, scopeForClient } from '../catalogue/scope';
import type { Call } from '../calls/relay';
import type { Router } from '../calls/router';
import { gatewayInfo } from '../upstream/connection/gateway-info';
import type { CallLink } from '../client/call-link';
import type { RpcResponse } from '../../mcp-wire/rpc-response';
import { notificationBytes, type RequestMessage } from '../../mcp-wire/envelope';
import { hopPrefix, modernVersion } from '../../mcp-wire/modern-era';
import type { Params } from '../../mcp-wire/params';
import { codes, RpcError } from '../../mcp-wire/rpc-error';
import { describeServers } from './server-description';
import type { Exchange } from './exchange';
import type { Listeners } from './listeners';
import { completed } from './modern-result';
import { answer } from './outcome';
import type { ParkedCalls } from './parked-calls';

/** The supported protocol versions of the modern, stateless era. */
export const modernVersions = [modernVersion] as const;

/** The methods that a server may answer with `input_required`. */
const mayNeedInput = new Set(['tools/call', 'prompts/get', 'resources/read']);

/** A request of the modern era, with everything about its client. */
export interface ModernRequest {
  message: RequestMessage;
  params: Params;
  scope: Scope;
  exchange: Exchange;
  /** Aborts when the client has cancelled the request. */
  closed: AbortSignal;
  traceparent: string | undefined;
  headers?: IncomingHttpHeaders | undefined;
}

/** A call that never waits for input of its client. */
const plainCall: ClientCall = { waitingForInputSince: undefined, evict: () => undefined };

class ModernClient implements Client {
  readonly era = 'modern';
  readonly session = undefined;
  call: ClientCall | undefined;
  #identity: ClientIdentity | undefined;

  constructor(
    readonly params: Params,
    readonly owner: string,
  ) {}

  /** Read on first use, because most calls use shared connections and do not need it. */
  get identity(): ClientIdentity {
    const { params } = this;
    this.#identity ??= readIdentity(
      params.bytes,
      params.meta(`${hopPrefix}clientCapabilities`),
      params.meta(`${hopPrefix}clientInfo`),
    );
    return this.#identity;
  }
}

/** The protocol of the modern era (2026-07-28), on any transport. */
export class ModernProtocol {
  constructor(
    readonly registry: ServerRegistry,
    readonly router: Router,
    readonly parked: ParkedCalls,
    readonly listeners: Listeners,
  ) {}

  /** Answers a request, or opens a subscription. `check` throws {@link RpcError} for a request that is not valid. */
  async respond(request: ModernRequest, check: () => void): Promise<void> {
    const { message, exchange } = request;
    if (message.method === 'subscriptions/listen') await this.#listen(request, check);
    else
      await answer({
        message,
        exchange,
        repeats: true,
        work: async () => {
          check();
          return await this.#answer(request);
        },
      });
  }

  async #listen(request: ModernRequest, check: () => void): Promise<void> {
    const { message, params, exchange, closed } = request;
    try {
      check();
      const client = new ModernClient(params, request.scope.profile.name);
      const scope = scopeForClient(client, request.scope);
      client.call = plainCall;
      await this.listeners.open(message.id, params, scope, client, exchange, closed);
    } catch (error) {
      const work = (): Promise<RpcResponse> => Promise.reject(toError(error));
      await answer({ message, exchange, repeats: true, work });
    }
  }

  async #answer(request: ModernRequest): Promise<RpcResponse> {
    const { message, params } = request;
    if (message.method === 'server/discover') return completed(message.method, discovery(request.scope));
    const client = new ModernClient(params, request.scope.profile.name);
    const scope = scopeForClient(client, request.scope);
    const call = this.#call(request, scope, client);
    if (mayNeedInput.has(message.method) && acceptsRequests(client.identity))
      return completed(message.method, await this.#interactive(request, call, client));
    client.call = plainCall;
    return completed(message.method, await this.router.route(call));
  }

  /** A call that may need input of the client before its result. */
  async #interactive(
    { message, params, exchange, closed, scope }: ModernRequest,
    call: Call,
    client: ModernClient,
  ): Promise<RpcResponse> {
    const name = params.text('name') ?? params.text('uri') ?? '';
    const binding = [scope.profile.name, scope.key, message.method, name].join('\n');
    const state = params.text('requestState');
    const waiting = state === undefined ? undefined : this.parked.find(state, binding);
    if (waiting) {
      waiting.resume(params);
      return await waiting.next(exchange, closed);
    }
    const open = this.parked.open(binding);
    client.call = open;
    open.begin(
      this.router.route({
        ...call,
        signal: open.signal,
        link: {
          client,
          notify: notifier(params, (note) => open.send(note)),
          request: async (serverRequest) => {
            if (!supportsRequest(client.identity, serverRequest.method))
              throw new RpcError(
                codes.methodNotFound,
                `The client does not support "${serverRequest.method}".`,
              );
            return await open.request(serverRequest);
          },
        },
      }),
    );
    return await open.next(exchange, closed);
  }

  #call(
    { message, params, exchange, closed, traceparent, headers }: ModernRequest,
    scope: Scope,
    client: ModernClient,
  ): Call {
    return {
      method: message.method,
      params,
      scope,
      client,
      caller: statelessCaller(client, traceparent),
      headers,
      signal: closed,
      link: {
        client,
        notify: notifier(params, (note) => exchange.send(note)),
        request: () =>
          Promise.reject(new RpcError(codes.internal, 'The client does not accept server requests here.')),
      },
    };
  }
}

function toError(error: unknown): Error {
  return error instanceof Error ? error : new Error(String(error));
}

/** Log messages are sent only when the request contains a log level. */
function notifier(params: Params, send: (message: Buffer) => void): CallLink['notify'] {
  return (method, body) => {
    if (method === logMessage) {
      const level = params.metaText(`${hopPrefix}logLevel`);
      if (level === undefined || !passes(level, method, body)) return;
    }
    send(notificationBytes(method, body));
  };
}

function discovery(scope: Scope): RpcResponse {
  const { serverInfo, ...rest } = describeServers(scope);
  const meta = { [`${hopPrefix}serverInfo`]: gatewayInfo };
  const result = { supportedVersions: modernVersions, ...rest, serverInfo, _meta: meta };
  return { kind: 'result', body: Buffer.from(JSON.stringify(result)) };
}
