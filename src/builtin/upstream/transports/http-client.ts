import http from 'node:http';
import type { LookupFunction } from 'node:net';
import { systemCode } from '../../../platform/errors';
import { sentence } from '../../../platform/sentence';
import { proxyCredentials, proxyFor } from './http-proxy';
import { late } from '../../../platform/late';

/** Idle connections are not reused after this time, because many servers close theirs after 5 s without notice. */
const idleMs = 4000;

const pool = { keepAlive: true, maxFreeSockets: 64, timeout: idleMs };

export interface OutgoingHttpRequest {
  method: string;
  headers: http.OutgoingHttpHeaders;
  body?: Buffer | undefined;
  /** Aborting ends the request and the reading of its response. */
  signal?: AbortSignal | undefined;
}

/**
 * Sends requests over keep-alive connections. The number of concurrent requests is not limited, so one that hangs does not
 * delay others. Uses the proxy that the environment sets for the target.
 */
export class HttpClient {
  readonly #options: http.AgentOptions;
  readonly #agents = new Map<string, http.Agent>();
  readonly #tunnels = new Map<string, http.Agent>();
  /** The proxy of each origin. `undefined` when it needs no proxy. */
  readonly #proxies = new Map<string, URL | undefined>();
  readonly #open = new Set<http.ClientRequest>();

  /** `lookup` replaces the name resolution of the system. */
  constructor(
    { lookup }: { lookup?: LookupFunction } = {},
    readonly env: NodeJS.ProcessEnv = process.env,
  ) {
    this.#options = { ...pool, ...(lookup && { lookup }) };
  }

  /** Resolves with the response, of any status, when its headers have arrived. Rejects when the server cannot be reached. */
  async request(target: URL, request: OutgoingHttpRequest): Promise<http.IncomingMessage> {
    const { body, signal } = request;
    signal?.throwIfAborted();
    const proxy = this.#proxyFor(target);
    if (proxy && target.protocol === 'https:') await this.#prepareTunnel(proxy);
    return await new Promise((resolve, reject) => {
      const outgoing = this.#start(target, proxy, request);
      outgoing.once('response', resolve);
      const abort = (): void => void outgoing.destroy(new Error('The request was cancelled.'));
      signal?.addEventListener('abort', abort, { once: true });
      this.#open.add(outgoing);
      outgoing.on('error', (error) => reject(unreachable(error)));
      outgoing.once('close', () => {
        signal?.removeEventListener('abort', abort);
        this.#open.delete(outgoing);
      });
      outgoing.end(body);
    });
  }

  /** Cancels all pending requests. */
  abort(): void {
    for (const outgoing of this.#open) outgoing.destroy(new Error('The connection was closed.'));
  }

  /** Cancels all pending requests and closes the connections. */
  dispose(): void {
    this.abort();
    for (const agent of [...this.#agents.values(), ...this.#tunnels.values()]) agent.destroy();
  }

  #start(target: URL, proxy: URL | undefined, { method, headers }: OutgoingHttpRequest): http.ClientRequest {
    if (proxy && target.protocol === 'http:') return this.#startThrough(proxy, target, { method, headers });
    if (target.protocol === 'http:')
      return http.request(target, { method, headers, agent: this.#agentFor('http:') });
    const agent = proxy ? this.#tunnels.get(proxy.href) : this.#agentFor('https:');
    return late.https.request(target, { method, headers, agent });
  }

  /** Without encryption, the request is sent to the proxy, with the full URL in its first line. */
  #startThrough(proxy: URL, target: URL, { method, headers }: OutgoingHttpRequest): http.ClientRequest {
    const secure = proxy.protocol === 'https:';
    const credentials = proxyCredentials(proxy);
    const { username, password, host, origin, pathname, search } = target;
    return (secure ? late.https : http).request({
      agent: this.#agentFor(proxy.protocol),
      host: proxy.hostname.replace(/^\[|\]$/g, ''),
      port: proxy.port === '' ? (secure ? 443 : 80) : proxy.port,
      method,
      path: `${origin}${pathname}${search}`,
      headers: { ...headers, host, ...(credentials !== undefined && { 'proxy-authorization': credentials }) },
      ...(username !== '' && { auth: `${decodeURIComponent(username)}:${decodeURIComponent(password)}` }),
    });
  }

  #agentFor(protocol: string): http.Agent {
    const agent =
      this.#agents.get(protocol) ??
      (protocol === 'https:' ? new late.https.Agent(this.#options) : new http.Agent(this.#options));
    this.#agents.set(protocol, agent);
    return agent;
  }

  #proxyFor(target: URL): URL | undefined {
    const { origin } = target;
    if (!this.#proxies.has(origin)) this.#proxies.set(origin, proxyFor(target, this.env));
    return this.#proxies.get(origin);
  }

  async #prepareTunnel(proxy: URL): Promise<void> {
    if (this.#tunnels.has(proxy.href)) return;
    const { HttpsProxyAgent } = await import('https-proxy-agent');
    this.#tunnels.set(proxy.href, this.#tunnels.get(proxy.href) ?? new HttpsProxyAgent(proxy, pool));
  }
}

const untrusted = new Set([
  'SELF_SIGNED_CERT_IN_CHAIN',
  'DEPTH_ZERO_SELF_SIGNED_CERT',
  'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
  'UNABLE_TO_GET_ISSUER_CERT_LOCALLY',
]);

function unreachable(error: Error): Error {
  // When several addresses were tried, the message of the error itself is empty.
  const reasons = error instanceof AggregateError ? error.errors.map(String).join('; ') : error.message;
  const hint = untrusted.has(systemCode(error) ?? '')
    ? ' If your company uses its own CA, give the CA certificate to the gateway with NODE_EXTRA_CA_CERTS=FILE.'
    : '';
  return new Error(`${sentence(`The server could not be reached: ${reasons}`)}${hint}`, { cause: error });
}
