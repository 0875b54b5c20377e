import { deadline } from '../../../platform/deadline';
import { messageOf } from '../../../platform/errors';
import { RpcError } from '../../../mcp-wire/rpc-error';
import type { ServerRequest } from '../../client/call-link';
import type { Transport, TransportEvents, CloseCause } from '../transports/transport';
import type { HandshakeResult } from './handshake';
import { SessionExpiredError } from '../transports/http-problem';
import { Peer } from './peer';
import type { RpcResponse } from '../../../mcp-wire/rpc-response';

/** How long a server may take to open a session in place of the one that it forgot. */
const renewalMs = 10_000;

/** A server that forgets the new session as soon as this is not well: its owner is told, who knows how to back off. */
const minimumSessionMs = 10_000;

export interface LinkParts {
  name: string;
  open(events: TransportEvents): Transport;
  log(line: string): void;
  /** What the server says by itself, and on which of the peers. */
  notification(peer: Peer, method: string, params: Buffer | undefined, requestId: number | undefined): void;
  request(peer: Peer, request: ServerRequest, requestId: number | undefined): Promise<RpcResponse>;
  /** Opens a session on a new transport. Rejects when the server refuses or does not answer. */
  handshake(peer: Peer, signal: AbortSignal): Promise<HandshakeResult>;
  /** Another session stands in place of the one that the server forgot. */
  renewed(handshake: HandshakeResult): void;
  /** The connection is gone for good. */
  closed(reason: string): void;
}

interface Link {
  transport: Transport;
  peer: Peer;
  /** Requests under way. */
  busy: number;
}

/**
 * The transport of a connection and its peer, and those that take their place when the server forgets its session. What
 * the server refused for that, and therefore has not taken, is sent once more; what it had taken before is waited for.
 */
export class RenewableLink {
  #current: Link;
  /** Those with a request under way whose place was taken. */
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

  /** Opens the first session. Rejects when the server refuses or does not answer. */
  async start(signal: AbortSignal): Promise<HandshakeResult> {
    const handshake = await this.parts.handshake(this.peer, signal);
    this.#handshakeDone = true;
    return handshake;
  }

  /** Sends a request, and once more where the server has not taken it because it has forgotten the session. */
  request(send: (peer: Peer) => Promise<RpcResponse>): Promise<RpcResponse> {
    // What has no address has no session that it could forget.
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

  /** Resolves when nothing of it is left. */
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
      unreadable: (problem) => parts.log(`[gateway] ${problem}`),
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

  /** Never rejects: what could not be renewed is closed. */
  async #renew(old: Link, reason: string): Promise<void> {
    this.#renewedAt = performance.now();
    const limit = deadline([this.#closing.signal], renewalMs);
    let renewed: Link | undefined;
    try {
      renewed = this.#open();
      const handshake = await this.parts.handshake(renewed.peer, limit.signal);
      limit.signal.throwIfAborted();
      if (renewed.peer.closed !== undefined) throw new Error(`it ${renewed.peer.closed}`);
      this.#current = renewed;
      if (old.busy > 0) this.#retired.add(old);
      else this.#end(old);
      this.parts.log(`[gateway] it ${reason}, and was given a new one`);
      this.parts.renewed(handshake);
    } catch (error) {
      if (renewed) this.#end(renewed);
      old.peer.close(reason);
      if (!this.#closing.signal.aborted)
        this.parts.closed(`${reason}, and a new one could not be opened: ${messageOf(error)}`);
    } finally {
      limit.dispose();
    }
  }

  #end({ peer, transport }: Link): void {
    peer.close('has forgotten the session');
    transport
      .close()
      .catch((error: unknown) => this.parts.log(`[gateway] it may not have ended: ${messageOf(error)}`));
  }
}

function isSessionExpired(error: unknown): boolean {
  return error instanceof RpcError && error.cause instanceof SessionExpiredError;
}
