import { deadline } from '../../../platform/deadline';
import type { Transport, TransportEvents, SendContext } from './transport';
import { HttpTransport, type HttpTransportOptions } from './http';
import { HttpRefusal } from './http-problem';
import { SseTransport } from './sse';

/** How long a server that takes no POST may take to name the end point of the old transport. */
const endpointLimitMs = 10_000;

/**
 * A server at a URL: Streamable HTTP, or the old HTTP+SSE pair where the server does not take the opening of a session by
 * POST and offers that pair at the same URL instead.
 */
export class UrlTransport implements Transport {
  readonly pid = null;
  #inner: Transport;

  constructor(
    readonly options: HttpTransportOptions,
    readonly events: TransportEvents,
  ) {
    this.#inner = new HttpTransport(options, events);
  }

  get url(): string | null {
    return this.#inner.url;
  }

  async send(bytes: Buffer, context?: SendContext): Promise<void> {
    try {
      await this.#inner.send(bytes, context);
    } catch (error) {
      if (context?.method !== 'initialize' || !isNoEndpoint(error)) throw error;
      const old = await this.#openOld(context.signal);
      if (!old) throw error;
      await this.#inner.close();
      this.#inner = old;
      await old.send(bytes, context);
    }
  }

  negotiated(protocolVersion: string): void {
    this.#inner.negotiated(protocolVersion);
  }

  async close(): Promise<void> {
    await this.#inner.close();
  }

  /** The old transport when the server offers it; its end is news only from then on. */
  async #openOld(signal: AbortSignal | undefined): Promise<Transport | undefined> {
    let taken = false;
    const transport = new SseTransport(this.options, {
      ...this.events,
      closed: (reason) => {
        if (taken) this.events.closed(reason);
      },
    });
    const limit = deadline(signal ? [signal] : [], endpointLimitMs);
    limit.signal.addEventListener('abort', () => void transport.close());
    try {
      await transport.endpoint;
      taken = true;
      return transport;
    } catch {
      // The refusal of the POST says more than that of the GET.
      return undefined;
    } finally {
      limit.dispose();
    }
  }
}

/** What the specification has clients take as a sign of the old transport. */
function isNoEndpoint(error: unknown): boolean {
  return error instanceof HttpRefusal && [400, 404, 405].includes(error.status);
}
