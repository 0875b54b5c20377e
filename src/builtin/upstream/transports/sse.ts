import { messageOf } from '../../../platform/errors';
import type { Transport, TransportEvents, SendContext } from './transport';
import { defaultResultLimit, EventStreamReader, isEventStream, readBody } from './http-body';
import type { HttpTransportOptions } from './http';
import { HttpClient } from './http-client';
import { headersOf } from './http-headers';
import { httpProblem } from './http-problem';

/** A server's reply to a message that it takes is a word, or nothing. */
const replyLimit = 1024 * 1024;

/**
 * A server that speaks the old HTTP+SSE pair (2024-11-05): what it says comes on one stream of events, the first of
 * which names the URL that takes messages. The stream is the session: its end is the end of the connection.
 */
export class SseTransport implements Transport {
  readonly pid = null;
  readonly url: string;
  /** Resolves with the URL that takes messages; rejects when there is none. */
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
    // Those who send hear of it.
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

  /** Our credentials go to no other origin than the one that they are for. */
  #endpointFrom(text: string): URL {
    const { target } = this.options;
    const endpoint = URL.canParse(text, target.href) ? new URL(text, target) : undefined;
    if (endpoint?.origin === target.origin) return endpoint;
    throw new Error(`the server names an end point of another origin than its own: ${text.slice(0, 200)}`);
  }

  #end(reason: string, reject: (error: Error) => void, cause?: unknown): void {
    reject(cause instanceof Error ? cause : new Error(`the server ${reason}`));
    if (this.#closed) return;
    this.#closed = true;
    this.#client.dispose();
    this.events.closed(reason);
  }
}
