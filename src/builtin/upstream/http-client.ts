import http from 'node:http';
import https from 'node:https';
import type { LookupFunction } from 'node:net';
import { systemCode } from '../../platform/errors';

/** Connections idle for longer are not used again: many servers close theirs after 5 s, and say so to nobody. */
const idleMs = 4000;

export interface HttpRequest {
  method: string;
  headers: http.OutgoingHttpHeaders;
  body?: Buffer | undefined;
  /** Aborting ends the request and the reading of its response. */
  signal?: AbortSignal | undefined;
}

/** Sends requests over kept connections, as many at a time as are asked for: one that hangs holds up no other. */
export class HttpClient {
  readonly #agents: { 'http:': http.Agent; 'https:': https.Agent };
  readonly #open = new Set<http.ClientRequest>();

  /** `lookup`: how names become addresses, where that is not the system's affair. */
  constructor({ lookup }: { lookup?: LookupFunction } = {}) {
    const options = { keepAlive: true, maxFreeSockets: 64, timeout: idleMs, ...(lookup && { lookup }) };
    this.#agents = { 'http:': new http.Agent(options), 'https:': new https.Agent(options) };
  }

  /** Resolves with the head of the response, whatever its status; rejects when the server could not be reached. */
  async request(target: URL, { method, headers, body, signal }: HttpRequest): Promise<http.IncomingMessage> {
    signal?.throwIfAborted();
    const secure = target.protocol === 'https:';
    return await new Promise((resolve, reject) => {
      const agent = this.#agents[secure ? 'https:' : 'http:'];
      const outgoing = (secure ? https : http).request(target, { method, headers, agent }, resolve);
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
    this.#agents['http:'].destroy();
    this.#agents['https:'].destroy();
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
