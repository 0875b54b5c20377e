import { timingSafeEqual } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';

/** Why a request is refused before anything of it is read. */
export interface Refusal {
  status: 401 | 403;
  code: 'host' | 'origin' | 'unauthorized';
  message: string;
  next: string;
}

const loopback = new Set(['localhost', '127.0.0.1', '[::1]']);

/**
 * The checks of every request, in this order: Host (against DNS rebinding), Origin (against web pages), token.
 */
export class Guard {
  readonly #hosts: ReadonlySet<string>;
  readonly #token: Buffer;

  /** `allowedHosts` are names without port, beyond the loopback names. */
  constructor(token: string, allowedHosts: readonly string[]) {
    this.#hosts = new Set([...loopback, ...allowedHosts.map((host) => host.toLowerCase())]);
    this.#token = Buffer.from(token);
  }

  /** Checks the addresses that the request names. */
  checkAddress(headers: IncomingHttpHeaders): Refusal | undefined {
    if (!this.#hosts.has(hostName(headers.host ?? ''))) {
      return {
        status: 403,
        code: 'host',
        message: `the Host "${(headers.host ?? '').slice(0, 200)}" is not allowed`,
        next: 'Use a loopback name, or list the host in MCP_GATEWAY_ALLOWED_HOSTS.',
      };
    }
    if (headers.origin !== undefined && !this.#allowsOrigin(headers.origin)) {
      return {
        status: 403,
        code: 'origin',
        message: `the Origin "${headers.origin.slice(0, 200)}" is not allowed`,
        next: 'Web pages of other hosts may not use the gateway; list the host in MCP_GATEWAY_ALLOWED_HOSTS if this one should.',
      };
    }
    return undefined;
  }

  checkToken(headers: IncomingHttpHeaders): Refusal | undefined {
    const [, token] = /^Bearer +(\S+) *$/i.exec(headers.authorization ?? '') ?? [];
    if (token !== undefined && this.#isToken(token)) return undefined;
    return {
      status: 401,
      code: 'unauthorized',
      message: tokenProblem(token),
      next: 'Run: devcontainer-mcp doctor',
    };
  }

  // The time tells the length alone, which is no secret.
  #isToken(token: string): boolean {
    const given = Buffer.from(token);
    return given.length === this.#token.length && timingSafeEqual(given, this.#token);
  }

  #allowsOrigin(origin: string): boolean {
    const url = URL.canParse(origin) ? new URL(origin) : undefined;
    return url !== undefined && /^https?:$/.test(url.protocol) && this.#hosts.has(url.hostname.toLowerCase());
  }
}

function tokenProblem(token: string | undefined): string {
  if (token === undefined) return 'a bearer token is needed: the variable MCP_GATEWAY_AUTH_TOKEN carries it';
  if (token.includes('${'))
    return 'the client sent the literal text "${…}": MCP_GATEWAY_AUTH_TOKEN is not set where it runs';
  return 'the bearer token is not the one of this gateway: MCP_GATEWAY_AUTH_TOKEN is out of date where the client runs';
}

/** The name in a Host header, in lower case, without the port. */
function hostName(header: string): string {
  return header.toLowerCase().replace(/:\d+$/, '');
}
