import http from 'node:http';
import https from 'node:https';
import type { LookupFunction } from 'node:net';
import { systemCode } from '../../../platform/errors';
import { proxyCredentials, proxyFor } from './http-proxy';

/** Connections idle for longer are not used again: many servers close theirs after 5 s, and say so to nobody. */
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
 * Sends requests over kept connections, as many at a time as are asked for: one that hangs holds up no other. Goes
 * through the proxy that the environment names for the target.
 */
export class HttpClient {
  readonly #agents: { 'http:': http.Agent; 'https:': http.Agent };
  readonly #tunnels = new Map<string, http.Agent>();
  /** By origin; `undefined` for what is reached directly. */
  readonly #proxies = new Map<string, URL | undefined>();
  readonly #open = new Set<http.ClientRequest>();

  /** `lookup`: how names become addresses, where that is not the system's affair. */
  constructor(
    { lookup }: { lookup?: LookupFunction } = {},
    readonly env: NodeJS.ProcessEnv = process.env,
  ) {
    const options = { ...pool, ...(lookup && { lookup }) };
    this.#agents = { 'http:': new http.Agent(options), 'https:': new https.Agent(options) };
  }

  /** Resolves with the head of the response, whatever its status; rejects when the server could not be reached. */
  async request(target: URL, request: OutgoingHttpRequest): Promise<http.IncomingMessage> {
    const { body, signal } = request;
    signal?.throwIfAborted();
    const proxy = this.#proxyFor(target);
    if (proxy && target.protocol === 'https:') await this.#prepareTunnel(proxy);
    return await new Promise((resolve, reject) => {
      const outgoing = this.#start(target, proxy, request);
      outgoing.once('response', resolve);
      const abort = (): void => void outgoing.destroy(new Error('the request was given up'));
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

  /** Gives up every request that is under way. */
  abort(): void {
    for (const outgoing of this.#open) outgoing.destroy(new Error('the connection was closed'));
  }

  /** Gives up everything and closes the connections. */
  dispose(): void {
    this.abort();
    for (const agent of [...Object.values(this.#agents), ...this.#tunnels.values()]) agent.destroy();
  }

  #start(target: URL, proxy: URL | undefined, { method, headers }: OutgoingHttpRequest): http.ClientRequest {
    if (proxy && target.protocol === 'http:') return this.#startThrough(proxy, target, { method, headers });
    if (target.protocol === 'http:')
      return http.request(target, { method, headers, agent: this.#agents['http:'] });
    const agent = proxy ? this.#tunnels.get(proxy.href) : this.#agents['https:'];
    return https.request(target, { method, headers, agent });
  }

  /** Without encryption the proxy gets the request itself, with the whole URL in its first line. */
  #startThrough(proxy: URL, target: URL, { method, headers }: OutgoingHttpRequest): http.ClientRequest {
    const secure = proxy.protocol === 'https:';
    const credentials = proxyCredentials(proxy);
    const { username, password, host, origin, pathname, search } = target;
    return (secure ? https : http).request({
      agent: this.#agents[secure ? 'https:' : 'http:'],
      host: proxy.hostname.replace(/^\[|\]$/g, ''),
      port: proxy.port === '' ? (secure ? 443 : 80) : proxy.port,
      method,
      path: `${origin}${pathname}${search}`,
      headers: { ...headers, host, ...(credentials !== undefined && { 'proxy-authorization': credentials }) },
      ...(username !== '' && { auth: `${decodeURIComponent(username)}:${decodeURIComponent(password)}` }),
    });
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
  // Several addresses were tried: the message of the whole is empty.
  const reasons = error instanceof AggregateError ? error.errors.map(String).join('; ') : error.message;
  const hint = untrusted.has(systemCode(error) ?? '')
    ? '; where a company signs certificates itself, give the gateway its CA with NODE_EXTRA_CA_CERTS=FILE'
    : '';
  return new Error(`the server could not be reached: ${reasons}${hint}`, { cause: error });
}
