import { Canceller } from '../../platform/cancel-signal';
import { readIdentity } from '../client/client';
import { passes, severityOf } from '../client/log-level';
import type { LegacySession, Sessions } from '../client/session';
import type { ServerRegistry } from '../catalogue/server-registry';
import { scopeForProfile, type Scope, scopeForClient } from '../catalogue/scope';
import type { Router } from '../calls/router';
import type { CallLink, ServerRequest } from '../client/call-link';
import type { RpcResponse } from '../../mcp-wire/rpc-response';
import {
  notificationBytes,
  type ErrorMessage,
  type NotificationMessage,
  type RequestMessage,
  type ResultMessage,
} from '../../mcp-wire/envelope';
import { codes, RpcError } from '../../mcp-wire/rpc-error';
import type { Params } from '../../mcp-wire/params';
import { describeServers } from './server-description';
import type { Exchange } from './exchange';
import { answer } from './outcome';

/** The supported protocol versions of the legacy era, newest first. */
export const legacyVersions: readonly string[] = ['2025-11-25', '2025-06-18', '2025-03-26', '2024-11-05'];

/** The identity of a client is kept as long as its session, so its size is limited. */
const maximumIdentityBytes = 64 * 1024;

const rootsChanged = 'notifications/roots/list_changed';

/** The protocol of the legacy era, on any transport. */
export class LegacyProtocol {
  constructor(
    readonly registry: ServerRegistry,
    readonly router: Router,
    readonly sessions: Sessions,
  ) {}

  /** Answers `initialize` with a new session. Throws {@link RpcError} when the params are not valid. */
  open(params: Params, scope: Scope): { session: LegacySession; result: Buffer } {
    const asked = params.text('protocolVersion');
    if (asked === undefined)
      throw new RpcError(codes.invalidParams, '"params.protocolVersion" must be a string.', { status: 400 });
    const agreed = legacyVersions.includes(asked) ? asked : (legacyVersions[0] ?? asked);
    const identity = readIdentity(params.bytes, params.member('capabilities'), params.member('clientInfo'));
    if (identity.capabilities.length + identity.info.length > maximumIdentityBytes)
      throw new RpcError(
        codes.invalidParams,
        `The "capabilities" and "clientInfo" of the client are larger than ${maximumIdentityBytes} bytes.`,
        { status: 400 },
      );
    const session = this.sessions.create(scope, agreed, identity);
    const result = { protocolVersion: agreed, ...describeServers(scope) };
    return { session, result: Buffer.from(JSON.stringify(result)) };
  }

  /** Answers a request of a session. Throws {@link RpcError} when the id is already in use. */
  request(
    session: LegacySession,
    scope: Scope,
    message: RequestMessage,
    params: Params,
    exchange: Exchange,
    traceparent?: string,
  ): Promise<void> {
    const { id, method } = message;
    if (session.running.has(id))
      throw new RpcError(codes.invalidRequest, `The id ${id} is already used by a pending request.`, {
        status: 400,
      });
    const signal = new Canceller();
    session.running.add(id, signal);
    const work = (): Promise<RpcResponse> => {
      const seen = scopeForClient(session, scope);
      if (method === 'logging/setLevel') return Promise.resolve(this.#setLevel(session, seen, params));
      const caller = traceparent === undefined ? session.caller : { ...session.caller, traceparent };
      const link = new SessionLink(session, exchange);
      return this.router.route({ method, params, scope: seen, client: session, caller, signal, link });
    };
    const ended = (): void => void session.running.delete(id);
    return answer({ message, exchange, repeats: false, work, ended });
  }

  notification(session: LegacySession, message: NotificationMessage, params: Params): void {
    if (message.method === 'notifications/cancelled') cancel(session, params);
    else if (message.method === 'notifications/progress') session.serverRequests.progress(params);
    else if (message.method === 'notifications/initialized') this.#prepare(session);
    else if (message.method === rootsChanged) {
      for (const server of this.registry.servers.values())
        server.dedicated.ofSession(session)?.notify(rootsChanged, params.forNextHop(0));
    }
  }

  /** Handles the response to a server request. */
  response(session: LegacySession, message: ResultMessage | ErrorMessage): void {
    session.serverRequests.response(message);
  }

  /** Opens the dedicated connections of the session early, so that its first list request is faster. */
  #prepare(session: LegacySession): void {
    const scope = session.scope === '*' ? this.registry.all : this.registry.one(session.scope);
    if (!scope) return;
    void this.registry.whenListable(scopeForClient(session, scopeForProfile(scope, session.profile)));
  }

  #setLevel(session: LegacySession, scope: Scope, params: Params): RpcResponse {
    const level = params.text('level');
    if (level === undefined || severityOf(level) === undefined)
      throw new RpcError(
        codes.invalidParams,
        '"params.level" must be a log level of the protocol, such as "info".',
      );
    session.logLevel = level;
    for (const server of scope.servers) server.wantLevel(level);
    return { kind: 'result', body: Buffer.from('{}') };
  }
}

/** Relays notifications and server requests that belong to a pending call, on the stream of that call. */
class SessionLink implements CallLink {
  constructor(
    readonly client: LegacySession,
    readonly exchange: Exchange,
  ) {}

  notify(method: string, params: Buffer | undefined): void {
    if (passes(this.client.logLevel, method, params)) this.exchange.send(notificationBytes(method, params));
  }

  async request(request: ServerRequest): Promise<RpcResponse> {
    const { client, exchange } = this;
    return await client.requestVia(
      request,
      (message) => exchange.send(message) || client.sendIfListening(message),
    );
  }
}

function cancel(session: LegacySession, params: Params): void {
  const id = params.member('requestId');
  if (id) session.running.get(params.bytes.toString('utf8', id.start, id.end))?.abort();
}
