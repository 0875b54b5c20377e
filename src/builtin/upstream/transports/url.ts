import { deadline } from '../../../platform/deadline';
import type { Transport, TransportEvents, SendContext } from './transport';
import { HttpTransport, type HttpTransportOptions } from './http';
import { HttpRefusal } from './http-problem';
import { SseTransport } from './sse';

/** The time limit for a server without Streamable HTTP to name the endpoint of the old transport. */
const endpointLimitMs = 10_000;

/**
 * A server at a URL. It uses Streamable HTTP. When the server refuses `initialize` by POST, and offers the old HTTP+SSE
 * transport at the same URL, that one is used instead.
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

  /** The old transport, when the server offers it. Its end is reported only after it was chosen. */
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
      // The error of the POST is more helpful than the error of the GET.
      return undefined;
    } finally {
      limit.dispose();
    }
  }
}

/** Whether the error means that the server may have the old transport, as the specification says. */
function isNoEndpoint(error: unknown): boolean {
  return error instanceof HttpRefusal && [400, 404, 405].includes(error.status);
}
