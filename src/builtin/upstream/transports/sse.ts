import { messageOf } from '../../../platform/errors';
import { sentence } from '../../../platform/sentence';
import type { Transport, TransportEvents, SendContext } from './transport';
import { defaultResultLimit, EventStreamReader, isEventStream, readBody } from './http-body';
import type { HttpTransportOptions } from './http';
import { HttpClient } from './http-client';
import { headersOf } from './http-headers';
import { httpProblem } from './http-problem';

/** The limit for the response to a message. It is short or empty. */
const replyLimit = 1024 * 1024;

/**
 * The HTTP+SSE transport of 2024-11-05. The server sends everything on one event stream, and its first event names the URL
 * for messages. The stream is the session: when it ends, the connection ends.
 */
export class SseTransport implements Transport {
  readonly pid = null;
  readonly url: string;
  /** Resolves with the URL for messages. Rejects when there is none. */
  readonly endpoint: Promise<URL>;
  readonly #client = new HttpClient();
  #protocolVersion: string | undefined;
  #closed = false;

  constructor(
    readonly options: HttpTransportOptions,
    readonly events: TransportEvents,
  ) {
    this.url = `${options.target.origin}${options.target.pathname}`;
    this.endpoint = new Promise((resolve, reject) => {
      this.#listen(resolve).then(
        () => this.#end('ended its event stream', reject),
        (error: unknown) => this.#end(`has no event stream (${messageOf(error)})`, reject, error),
      );
    });
    // `send` reports the failure.
    this.endpoint.catch(() => undefined);
  }

  async send(bytes: Buffer, context?: SendContext): Promise<void> {
    const target = await this.endpoint;
    const headers = headersOf({
      own: this.options.headers,
      protocolVersion: this.#protocolVersion,
      body: bytes,
    });
    const response = await this.#client.request(target, {
      method: 'POST',
      headers,
      body: bytes,
      signal: context?.signal,
    });
    const reply = await readBody(response, replyLimit);
    const status = response.statusCode ?? 0;
    if (status < 200 || status >= 300) throw httpProblem(response, reply);
  }

  negotiated(protocolVersion: string): void {
    this.#protocolVersion = protocolVersion;
  }

  close(): Promise<void> {
    this.#closed = true;
    this.#client.dispose();
    return Promise.resolve();
  }

  async #listen(resolve: (endpoint: URL) => void): Promise<void> {
    const { target, headers, resultLimit = defaultResultLimit } = this.options;
    const response = await this.#client.request(target, {
      method: 'GET',
      headers: headersOf({ own: headers, protocolVersion: undefined }),
    });
    if (response.statusCode !== 200 || !isEventStream(response))
      throw httpProblem(response, await readBody(response, replyLimit));
    const stream = new EventStreamReader(resultLimit, (data, event) => {
      if (event === 'endpoint') resolve(this.#endpointFrom(data.toString('utf8')));
      else if (event === 'message') this.events.message(data);
    });
    await stream.read(response);
  }

  /** Accepts only a URL of the same origin, because the credentials are meant for this origin only. */
  #endpointFrom(text: string): URL {
    const { target } = this.options;
    const endpoint = URL.canParse(text, target.href) ? new URL(text, target) : undefined;
    if (endpoint?.origin === target.origin) return endpoint;
    throw new Error(
      `The server named an endpoint of another origin, which is not allowed: ${text.slice(0, 200)}`,
    );
  }

  #end(reason: string, reject: (error: Error) => void, cause?: unknown): void {
    reject(cause instanceof Error ? cause : new Error(sentence(`The server ${reason}`)));
    if (this.#closed) return;
    this.#closed = true;
    this.#client.dispose();
    this.events.closed(reason);
  }
}
