import type { IncomingHttpHeaders } from 'node:http';
import type { Profile } from '../tokens/profile';
import type { Tokens } from '../tokens/tokens';
import type { HttpProblem } from './respond';
import { step } from '../../platform/next-step';

const maximumAllowed = 100;
const loopback = new Set(['localhost', '127.0.0.1', '[::1]']);

/**
 * The checks of every request, in this order: Host (against DNS rebinding), Origin (against web pages), token.
 */
export class Guard {
  readonly #hosts: ReadonlySet<string>;
  /** Headers that were allowed. */
  readonly #allowed = new Set<string>();

  /** `allowedHosts` are names without port, beyond the loopback names. */
  constructor(
    readonly tokens: Tokens,
    allowedHosts: readonly string[],
  ) {
    this.#hosts = new Set([...loopback, ...allowedHosts.map((host) => host.toLowerCase())]);
  }

  /** Checks the addresses that the request names. */
  checkAddress(headers: IncomingHttpHeaders): HttpProblem | undefined {
    if (!this.#allowsHost(headers.host ?? '')) {
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

  /** What the bearer of the request's token may do; `undefined` when there is no token that is known. */
  profileOf(headers: IncomingHttpHeaders): Profile | undefined {
    const token = bearerToken(headers);
    return token === undefined ? undefined : this.tokens.profileOf(token);
  }

  /** Why a request without a known token is refused. */
  tokenProblem(headers: IncomingHttpHeaders): HttpProblem {
    return {
      status: 401,
      code: 'unauthorized',
      message: tokenProblem(bearerToken(headers)),
      next: step('Let the doctor look at the token.', 'doctor'),
    };
  }

  /** Whether the request carries the admin token. */
  isAdmin(headers: IncomingHttpHeaders): boolean {
    const token = bearerToken(headers);
    return token !== undefined && this.tokens.isAdmin(token);
  }

  checkAdmin(headers: IncomingHttpHeaders): HttpProblem | undefined {
    if (this.isAdmin(headers)) return undefined;
    return {
      status: 403,
      code: 'admin',
      message: 'this needs the admin token; the token of a client does not suffice',
      next: "Use the token in the file admin-token of the gateway's state folder, or the one in MCP_GATEWAY_ADMIN_TOKEN.",
    };
  }

  /** Clients name the same few hosts again and again. */
  #allowsHost(header: string): boolean {
    if (this.#allowed.has(header)) return true;
    const allows = this.#hosts.has(hostName(header));
    if (!allows) return false;
    if (this.#allowed.size >= maximumAllowed) this.#allowed.clear();
    this.#allowed.add(header);
    return true;
  }

  #allowsOrigin(origin: string): boolean {
    const url = URL.canParse(origin) ? new URL(origin) : undefined;
    return url !== undefined && /^https?:$/.test(url.protocol) && this.#hosts.has(url.hostname.toLowerCase());
  }
}

const scheme = 'Bearer ';

function bearerToken({ authorization = '' }: IncomingHttpHeaders): string | undefined {
  if (authorization.startsWith(scheme) && !authorization.includes(' ', scheme.length))
    return authorization.slice(scheme.length) || undefined;
  const [, token] = /^Bearer +(\S+) *$/i.exec(authorization) ?? [];
  return token;
}

function tokenProblem(token: string | undefined): string {
  if (token === undefined) return 'a bearer token is needed: the variable MCP_GATEWAY_AUTH_TOKEN carries it';
  if (token.includes('${'))
    return 'the client sent the literal text "${…}": MCP_GATEWAY_AUTH_TOKEN is not set where it runs';
  return 'the bearer token is not one of this gateway: MCP_GATEWAY_AUTH_TOKEN is out of date where the client runs';
}

/** The name in a Host header, in lower case, without the port. */
function hostName(header: string): string {
  return header.toLowerCase().replace(/:\d+$/, '');
}
