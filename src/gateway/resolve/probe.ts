import { ErrorDocument, type ApiProblem } from '../../servers/api-types';
import * as v from 'valibot';
import { AppError, messageOf, systemCode } from '../../platform/errors';
import { bodyOf, exchange } from '../http';
import type { GatewayTarget } from './target';
import { step } from '../../platform/next-step';
import { sentence } from '../../platform/sentence';

/** What answers at a target, and the token it takes. */
export interface Probe {
  /** The answer to a request for the built-in gateway's status page; by it a kind is recognised. */
  page: StatusPage;
  token: string | undefined;
}

/** An answer as it came. */
export interface StatusPage {
  status: number;
  body: string;
}

/**
 * Asks a gateway for its status page: finds out whether it is there, which of the target's tokens it takes, and whether
 * it is the built-in one. Throws `unreachable`, `unauthorized` or `refused`.
 */
export async function probe(target: GatewayTarget, signal?: AbortSignal): Promise<Probe> {
  const tokens = target.tokens.length > 0 ? target.tokens : [undefined];
  for (const token of tokens) {
    const { status, body } = await statusPage(target, token, signal);
    if (status === 401) continue;
    if (status === 403) throw forbidden(target, body);
    if (status === 502 || status === 503 || status === 504)
      throw unreachable(target, new Error(`HTTP status ${status}`));
    return { page: { status, body }, token };
  }
  throw unauthorized(target);
}

/** The address of one of the built-in gateway's own pages. */
export function apiUrl(target: { url: URL }, path: string): URL {
  return new URL(`api/${path}`, target.url);
}

async function statusPage(
  target: GatewayTarget,
  token: string | undefined,
  signal: AbortSignal | undefined,
): Promise<{ status: number; body: string }> {
  const timeout = AbortSignal.timeout(10_000);
  const request = exchange({
    url: apiUrl(target, 'servers'),
    method: 'GET',
    headers: { accept: 'application/json', ...bearer(token) },
    signal: signal ? AbortSignal.any([signal, timeout]) : timeout,
    fresh: true,
  });
  try {
    const reply = await request.reply;
    return { status: reply.statusCode ?? 0, body: (await bodyOf(reply)).toString('utf8') };
  } catch (error) {
    throw unreachable(target, timeout.aborted ? new Error('no answer within 10 s') : error);
  }
}

/** The header that carries a token. */
export function bearer(token: string | undefined): Record<string, string> {
  return token === undefined ? {} : { authorization: `Bearer ${token}` };
}

/** Nothing answers at the target. */
export function unreachable(target: Pick<GatewayTarget, 'url' | 'source'>, cause: unknown): AppError {
  const code = systemCode(cause);
  const refused = code === 'ECONNREFUSED' ? 'nothing listens there' : messageOf(cause);
  return new AppError(
    'unreachable',
    sentence(`The gateway at ${target.url.href} (${target.source}) is not reachable: ${refused}`),
    {
      next: step('Name another gateway with --url, or start this one.', 'up'),
      cause,
    },
  );
}

/** The gateway takes none of the tokens. */
export function unauthorized(target: Pick<GatewayTarget, 'url' | 'source' | 'tokens'>): AppError {
  const problem =
    target.tokens.length === 0
      ? 'requires a token, and none was found'
      : 'does not accept the token that was found';
  return new AppError('unauthorized', `The gateway at ${target.url.href} (${target.source}) ${problem}.`, {
    next: step(
      'Pass the token with --token-file, or set MCP_GATEWAY_AUTH_TOKEN. The doctor shows more.',
      'doctor',
    ),
  });
}

/** The gateway refuses the request for its address. */
export function forbidden(target: Pick<GatewayTarget, 'url' | 'source'>, body: string): AppError {
  const problem = problemIn(body);
  return new AppError(
    'refused',
    sentence(
      `The gateway at ${target.url.href} (${target.source}) refuses the request: ${problem?.message ?? 'HTTP status 403'}`,
    ),
    { next: problem?.step ?? 'Use a host name that the gateway allows (MCP_GATEWAY_ALLOWED_HOSTS).' },
  );
}

/** The message of a JSON error document of the built-in gateway. */
export function problemIn(body: string): ApiProblem | undefined {
  try {
    const parsed = v.safeParse(ErrorDocument, JSON.parse(body));
    return parsed.success ? parsed.output.error : undefined;
  } catch {
    return undefined;
  }
}
