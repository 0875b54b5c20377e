import type { IncomingHttpHeaders } from 'node:http';
import type { Profile } from '../tokens/profile';
import type { Tokens } from '../tokens/tokens';
import type { HttpProblem } from './respond';
import { step } from '../../platform/next-step';

const maximumAllowed = 100;
const loopback = new Set(['localhost', '127.0.0.1', '[::1]']);

/**
 * Checks every request, in this order: Host (against DNS rebinding), Origin (against web pages), token.
 */
export class Guard {
  readonly #hosts: ReadonlySet<string>;
  /** A cache of allowed Host headers. */
  readonly #allowed = new Set<string>();

  /** `allowedHosts` are names without port, in addition to the loopback names. */
  constructor(
    readonly tokens: Tokens,
    allowedHosts: readonly string[],
  ) {
    this.#hosts = new Set([...loopback, ...allowedHosts.map((host) => host.toLowerCase())]);
  }

  /** Checks the Host and Origin headers. */
  checkAddress(headers: IncomingHttpHeaders): HttpProblem | undefined {
    if (!this.#allowsHost(headers.host ?? '')) {
      return {
        status: 403,
        code: 'host',
        message: `The Host "${(headers.host ?? '').slice(0, 200)}" is not allowed.`,
        next: 'Use a loopback name, or add the host to MCP_GATEWAY_ALLOWED_HOSTS.',
      };
    }
    if (headers.origin !== undefined && !this.#allowsOrigin(headers.origin)) {
      return {
        status: 403,
        code: 'origin',
        message: `The Origin "${headers.origin.slice(0, 200)}" is not allowed.`,
        next: 'Web pages of other hosts must not use the gateway. To allow this host, add it to MCP_GATEWAY_ALLOWED_HOSTS.',
      };
    }
    return undefined;
  }

  /** The permissions of the request's token. `undefined` when there is no valid token. */
  profileOf(headers: IncomingHttpHeaders): Profile | undefined {
    const token = bearerToken(headers);
    return token === undefined ? undefined : this.tokens.profileOf(token);
  }

  /** Why a request without a valid token is refused. */
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
      message: 'This request needs the admin token. A client token is not enough.',
      next: "Use the token in the file admin-token of the gateway's state folder, or the one in MCP_GATEWAY_ADMIN_TOKEN.",
    };
  }

  /** The result is cached, because clients use the same few hosts. */
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
  if (token === undefined)
    return 'The request needs a bearer token. Its value is in the variable MCP_GATEWAY_AUTH_TOKEN.';
  if (token.includes('${'))
    return 'The client sent the literal text "${…}", because MCP_GATEWAY_AUTH_TOKEN is not set where the client runs.';
  return 'The bearer token does not belong to this gateway. MCP_GATEWAY_AUTH_TOKEN is out of date where the client runs.';
}

/** The name in a Host header, in lower case, without the port. */
function hostName(header: string): string {
  return header.toLowerCase().replace(/:\d+$/, '');
}
