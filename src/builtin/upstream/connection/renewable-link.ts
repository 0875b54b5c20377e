import { deadline } from '../../../platform/deadline';
import { messageOf } from '../../../platform/errors';
import { sentence } from '../../../platform/sentence';
import { RpcError } from '../../../mcp-wire/rpc-error';
import type { ServerRequest } from '../../client/call-link';
import type { Transport, TransportEvents, CloseCause } from '../transports/transport';
import type { HandshakeResult } from './handshake';
import { SessionExpiredError } from '../transports/http-problem';
import { Peer } from './peer';
import type { RpcResponse } from '../../../mcp-wire/rpc-response';

/** The time limit for a new session after the old one has expired. */
const renewalMs = 10_000;

/** When the new session expires within this time, the server has a problem. The owner is informed, and retries with delays. */
const minimumSessionMs = 10_000;

export interface LinkParts {
  name: string;
  open(events: TransportEvents): Transport;
  log(line: string): void;
  /** A notification of the server, and the peer that received it. */
  notification(peer: Peer, method: string, params: Buffer | undefined, requestId: number | undefined): void;
  request(peer: Peer, request: ServerRequest, requestId: number | undefined): Promise<RpcResponse>;
  /** Does the handshake on a new transport. Rejects when the server refuses or does not answer. */
  handshake(peer: Peer, signal: AbortSignal): Promise<HandshakeResult>;
  /** A new session has replaced the expired one. */
  renewed(handshake: HandshakeResult): void;
  /** The connection has ended permanently. */
  closed(reason: string): void;
}

interface Link {
  transport: Transport;
  peer: Peer;
  /** The number of pending requests. */
  busy: number;
}

/**
 * The transport and the peer of a connection. When the session expires, they are replaced by new ones.
 *
 * A Streamable HTTP server answers with 404 when it does not know the session any more, and the client must then open a
 * new session with `initialize`. A request that was refused for this reason has not been processed, so it is sent again
 * once, in the new session. Requests that were accepted in the old session keep waiting there for their responses; the
 * old transport is closed after the last one. Requests are never sent more than twice. See
 * https://modelcontextprotocol.io/specification/2025-11-25/basic/transports#session-management
 */
export class RenewableLink {
  #current: Link;
  /** Replaced links that still have pending requests. */
  readonly #retired = new Set<Link>();
  readonly #closing = new AbortController();
  #renewing: Promise<void> | undefined;
  #handshakeDone = false;
  #renewedAt = -Infinity;

  constructor(readonly parts: LinkParts) {
    this.#current = this.#open();
  }

  get transport(): Transport {
    return this.#current.transport;
  }

  get peer(): Peer {
    return this.#current.peer;
  }

  /** Does the first handshake. Rejects when the server refuses or does not answer. */
  async start(signal: AbortSignal): Promise<HandshakeResult> {
    const handshake = await this.parts.handshake(this.peer, signal);
    this.#handshakeDone = true;
    return handshake;
  }

  /** Sends a request. Sends it once more when the server has refused it because the session has expired. */
  request(send: (peer: Peer) => Promise<RpcResponse>): Promise<RpcResponse> {
    // Only servers with a URL have sessions that can expire.
    return this.transport.url === null ? send(this.peer) : this.#sendWithRenewal(send);
  }

  async #sendWithRenewal(send: (peer: Peer) => Promise<RpcResponse>): Promise<RpcResponse> {
    if (this.#renewing) await this.#renewing;
    const link = this.#current;
    link.busy += 1;
    try {
      return await send(link.peer);
    } catch (error) {
      if (!isSessionExpired(error)) throw error;
      await this.#renewing;
      if (this.#current === link) throw error;
    } finally {
      link.busy -= 1;
      if (link.busy === 0 && this.#retired.delete(link)) this.#end(link);
    }
    return await send(this.#current.peer);
  }

  /** Closes everything. Resolves when all of it has ended. */
  async close(reason: string): Promise<void> {
    this.#closing.abort();
    const links = [this.#current, ...this.#retired];
    for (const { peer } of links) peer.close(reason);
    await Promise.all([...links.map(async ({ transport }) => transport.close()), this.#renewing]);
  }

  #open(): Link {
    const { parts } = this;
    const transport = parts.open({
      message: (bytes, requestId) => link.peer.receive(bytes, requestId),
      closed: (reason, ending) => this.#closed(link, reason, ending),
      log: (line) => parts.log(line),
    });
    const peer: Peer = new Peer(parts.name, transport, {
      notification: (method, params, requestId) => parts.notification(peer, method, params, requestId),
      request: async (request, requestId) => await parts.request(peer, request, requestId),
      unreadable: (problem) => parts.log(sentence(`[gateway] ${problem}`)),
    });
    const link: Link = { transport, peer, busy: 0 };
    return link;
  }

  #closed(link: Link, reason: string, ending: CloseCause | undefined): void {
    const current = link === this.#current;
    if (current && ending === 'session-expired' && this.#mayRenew) {
      this.#renewing = this.#renew(link, reason).finally(() => (this.#renewing = undefined));
      return;
    }
    link.peer.close(reason);
    if (current) this.parts.closed(reason);
  }

  get #mayRenew(): boolean {
    return this.#handshakeDone && performance.now() - this.#renewedAt > minimumSessionMs;
  }

  /** Opens a new session. Never rejects: when it fails, the connection is closed. */
  async #renew(old: Link, reason: string): Promise<void> {
    this.#renewedAt = performance.now();
    const limit = deadline([this.#closing.signal], renewalMs);
    let renewed: Link | undefined;
    try {
      renewed = this.#open();
      const handshake = await this.parts.handshake(renewed.peer, limit.signal);
      limit.signal.throwIfAborted();
      if (renewed.peer.closed !== undefined) throw new Error(`The server ${renewed.peer.closed}`);
      this.#current = renewed;
      if (old.busy > 0) this.#retired.add(old);
      else this.#end(old);
      this.parts.log(`[gateway] The server ${reason}. A new session was opened.`);
      this.parts.renewed(handshake);
    } catch (error) {
      if (renewed) this.#end(renewed);
      old.peer.close(reason);
      if (!this.#closing.signal.aborted)
        this.parts.closed(`${reason}, and a new session could not be opened: ${messageOf(error)}`);
    } finally {
      limit.dispose();
    }
  }

  #end({ peer, transport }: Link): void {
    peer.close('does not know the session any more');
    transport
      .close()
      .catch((error: unknown) =>
        this.parts.log(sentence(`[gateway] The connection may still be open: ${messageOf(error)}`)),
      );
  }
}

function isSessionExpired(error: unknown): boolean {
  return error instanceof RpcError && error.cause instanceof SessionExpiredError;
}
