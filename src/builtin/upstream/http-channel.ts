import http from 'node:http';
import https from 'node:https';
import { SseParser } from '../wire/sse';
import type { Channel, ChannelEvents } from './channel';

/** A server at a URL that speaks Streamable HTTP of the legacy era (2025-03-26 to 2025-11-25). */
export class HttpChannel implements Channel {
  readonly pid = null;
  readonly url: string;
  readonly #agent: http.Agent;
  readonly #aborter = new AbortController();
  #sessionId: string | undefined;
  #protocolVersion: string | undefined;

  constructor(
    readonly target: URL,
    readonly headers: Readonly<Record<string, string>>,
    readonly events: ChannelEvents,
  ) {
    // Credentials in a URL are not for display.
    this.url = `${target.origin}${target.pathname}`;
    const options = { keepAlive: true, maxSockets: 64 };
    this.#agent = target.protocol === 'https:' ? new https.Agent(options) : new http.Agent(options);
  }

  async send(bytes: Buffer): Promise<void> {
    const response = await this.#fetch('POST', bytes);
    const session = response.headers['mcp-session-id'];
    if (typeof session === 'string') this.#sessionId = session;
    const status = response.statusCode ?? 0;
    if (status >= 200 && status < 300) {
      await this.#receive(response);
      return;
    }
    const body = await readAll(response);
    if (status === 404 && this.#sessionId !== undefined) {
      this.events.closed('has forgotten the session (HTTP 404)');
      throw new Error('the server has forgotten the session');
    }
    // A JSON-RPC error in the body answers the request better than the bare status does.
    if (isJson(response) && body.includes('"jsonrpc"')) this.events.message(body);
    else throw new Error(httpProblem(status));
  }

  negotiated(protocolVersion: string): void {
    this.#protocolVersion = protocolVersion;
    void this.#listen();
  }

  async close(): Promise<void> {
    if (this.#sessionId !== undefined) {
      // Best effort: most servers expire sessions by themselves.
      await this.#fetch('DELETE').then(
        (response) => response.resume(),
        () => undefined,
      );
    }
    this.#aborter.abort();
    this.#agent.destroy();
  }

  /** Holds the GET stream for what the server says by itself; many servers have none, which is fine. */
  async #listen(): Promise<void> {
    try {
      const response = await this.#fetch('GET');
      if (response.statusCode === 200) await this.#receive(response);
      else response.resume();
    } catch (error) {
      if (!this.#aborter.signal.aborted) this.events.log(`the event stream ended: ${String(error)}`);
    }
  }

  async #receive(response: http.IncomingMessage): Promise<void> {
    if (response.headers['content-type']?.startsWith('text/event-stream')) {
      const parser = new SseParser((data) => this.events.message(data));
      for await (const chunk of response) parser.push(chunk as Buffer);
      return;
    }
    const body = await readAll(response);
    if (body.length > 0) this.events.message(body);
  }

  async #fetch(method: 'POST' | 'GET' | 'DELETE', body?: Buffer): Promise<http.IncomingMessage> {
    const request = this.target.protocol === 'https:' ? https.request : http.request;
    const headers: Record<string, string | number> = {
      ...this.headers,
      accept: method === 'GET' ? 'text/event-stream' : 'application/json, text/event-stream',
      ...(body ? { 'content-type': 'application/json', 'content-length': body.length } : {}),
      ...(this.#sessionId === undefined ? {} : { 'mcp-session-id': this.#sessionId }),
      ...(this.#protocolVersion === undefined ? {} : { 'mcp-protocol-version': this.#protocolVersion }),
    };
    return await new Promise((resolve, reject) => {
      const outgoing = request(
        this.target,
        { method, headers, agent: this.#agent, signal: this.#aborter.signal },
        resolve,
      );
      outgoing.on('error', reject);
      outgoing.end(body);
    });
  }
}

function isJson(response: http.IncomingMessage): boolean {
  return response.headers['content-type']?.includes('json') === true;
}

async function readAll(response: http.IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of response) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}

function httpProblem(status: number): string {
  if (status === 401 || status === 403) return `the server refused our credentials (HTTP ${status})`;
  if (status === 404 || status === 405)
    return `there is no Streamable HTTP end point at this URL (HTTP ${status})`;
  return `the server answered with HTTP ${status}`;
}
