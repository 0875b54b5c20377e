import { deadline } from '../../../platform/deadline';
import { messageOf } from '../../../platform/errors';
import { RpcError } from '../../../mcp-wire/rpc-error';
import type { ServerRequest } from './call-link';
import type { Transport, TransportEvents, Ending } from '../transports/transport';
import type { Introduction } from './handshake';
import { SessionForgotten } from '../transports/http-problem';
import { Peer, type Answer } from './peer';

/** How long a server may take to open a session in place of the one that it forgot. */
const renewalMs = 10_000;

/** A server that forgets the new session as soon as this is not well: its owner is told, who knows how to back off. */
const soonMs = 10_000;

export interface LinkParts {
  name: string;
  open(events: TransportEvents): Transport;
  log(line: string): void;
  /** What the server says by itself, and on which of the peers. */
  said(peer: Peer, method: string, params: Buffer | undefined, requestId: number | undefined): void;
  asked(peer: Peer, request: ServerRequest, requestId: number | undefined): Promise<Answer>;
  /** Opens a session on a new transport. Rejects when the server refuses or does not answer. */
  greet(peer: Peer, signal: AbortSignal): Promise<Introduction>;
  /** Another session stands in place of the one that the server forgot. */
  renewed(introduction: Introduction): void;
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
  #greeted = false;
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
  async start(signal: AbortSignal): Promise<Introduction> {
    const introduction = await this.parts.greet(this.peer, signal);
    this.#greeted = true;
    return introduction;
  }

  /** Sends a request, and once more where the server has not taken it because it has forgotten the session. */
  request(send: (peer: Peer) => Promise<Answer>): Promise<Answer> {
    // What has no address has no session that it could forget.
    return this.transport.url === null ? send(this.peer) : this.#sendUntilTaken(send);
  }

  async #sendUntilTaken(send: (peer: Peer) => Promise<Answer>): Promise<Answer> {
    if (this.#renewing) await this.#renewing;
    const link = this.#current;
    link.busy += 1;
    try {
      return await send(link.peer);
    } catch (error) {
      if (!isForgotten(error)) throw error;
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
      notification: (method, params, requestId) => parts.said(peer, method, params, requestId),
      request: async (request, requestId) => await parts.asked(peer, request, requestId),
      unreadable: (problem) => parts.log(`[gateway] ${problem}`),
    });
    const link: Link = { transport, peer, busy: 0 };
    return link;
  }

  #closed(link: Link, reason: string, ending: Ending | undefined): void {
    const current = link === this.#current;
    if (current && ending === 'forgotten' && this.#mayRenew) {
      this.#renewing = this.#renew(link, reason).finally(() => (this.#renewing = undefined));
      return;
    }
    link.peer.close(reason);
    if (current) this.parts.closed(reason);
  }

  get #mayRenew(): boolean {
    return this.#greeted && performance.now() - this.#renewedAt > soonMs;
  }

  /** Never rejects: what could not be renewed is closed. */
  async #renew(old: Link, reason: string): Promise<void> {
    this.#renewedAt = performance.now();
    const limit = deadline([this.#closing.signal], renewalMs);
    let fresh: Link | undefined;
    try {
      fresh = this.#open();
      const introduction = await this.parts.greet(fresh.peer, limit.signal);
      limit.signal.throwIfAborted();
      if (fresh.peer.closed !== undefined) throw new Error(`it ${fresh.peer.closed}`);
      this.#current = fresh;
      if (old.busy > 0) this.#retired.add(old);
      else this.#end(old);
      this.parts.log(`[gateway] it ${reason}, and was given a new one`);
      this.parts.renewed(introduction);
    } catch (error) {
      if (fresh) this.#end(fresh);
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

function isForgotten(error: unknown): boolean {
  return error instanceof RpcError && error.cause instanceof SessionForgotten;
}
