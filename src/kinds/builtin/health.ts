import * as v from 'valibot';
import { deadline } from '../../platform/deadline';
import { AppError, messageOf } from '../../platform/errors';
import type { GatewayAddress } from '../../gateway/address';
import { GatewayApi } from './api';
import { bodyOf, exchange } from '../../gateway/http';
import { bearer } from '../../gateway/resolve/probe';
import type { Finding } from '../../gateway/watch/state';
import { product } from '../../platform/product';
import { step } from '../../platform/next-step';
import { sentence } from '../../platform/sentence';

const Word = v.object({ status: v.string() });
const RpcReply = v.object({ jsonrpc: v.literal('2.0'), result: v.optional(v.unknown()) });

const answerMs = 5000;
const seeLog = step("Look at the gateway's log, then restart the gateway.", 'restart');

/** A request of the stateless revision that needs no session and touches no server. */
const discover = {
  jsonrpc: '2.0',
  id: 1,
  method: 'server/discover',
  params: {
    _meta: {
      'io.modelcontextprotocol/protocolVersion': '2026-07-28',
      'io.modelcontextprotocol/clientInfo': { name: product.command, version: '0' },
      'io.modelcontextprotocol/clientCapabilities': {},
    },
  },
};

/**
 * Asks a gateway how it is: `/health`, then `/ready`, `/api/servers` and one authenticated MCP request. Never throws:
 * what goes wrong is the finding.
 */
export async function checkHealth(address: GatewayAddress, signal: AbortSignal): Promise<Finding> {
  const url = address.url.href;
  let alive: string | undefined;
  try {
    alive = await word(address, '/health', signal);
  } catch (error) {
    return {
      type: 'silent',
      url,
      reason: sentence(`Nothing answers at ${url}: ${messageOf(error)}`),
      next: seeLog,
    };
  }
  if (alive !== 'ok') return strange(url, `${new URL('/health', url).href} does not answer "ok".`);
  try {
    const ready = (await word(address, '/ready', signal)) === 'ready';
    const { gateway, servers } = await new GatewayApi(address).servers(signal);
    await askMcp(address, signal);
    return { type: 'answered', url, ready, gateway, servers };
  } catch (error) {
    if (error instanceof AppError && error.code === 'unreachable')
      return { type: 'silent', url, reason: error.message, next: error.next ?? seeLog };
    if (error instanceof AppError)
      return {
        type: 'unfit',
        url,
        reason: error.message,
        next: error.next ?? step('Restart the gateway.', 'restart'),
      };
    return strange(url, sentence(messageOf(error)));
  }
}

function strange(url: string, reason: string): Finding {
  return {
    type: 'unfit',
    url,
    reason,
    next: step('Check that no other program uses this address, then restart the gateway.', 'restart'),
  };
}

/** The status word of `/health` or `/ready`; `undefined` for an answer of another shape. */
async function word(address: GatewayAddress, path: string, signal: AbortSignal): Promise<string | undefined> {
  const { body } = await ask(new URL(path, address.url), { method: 'GET', headers: {} }, signal);
  const parsed = v.safeParse(v.pipe(v.string(), v.parseJson(), Word), body);
  return parsed.success ? parsed.output.status : undefined;
}

async function askMcp(address: GatewayAddress, signal: AbortSignal): Promise<void> {
  const headers = {
    ...bearer(address.token),
    'content-type': 'application/json',
    accept: 'application/json, text/event-stream',
    'mcp-protocol-version': '2026-07-28',
    'mcp-method': discover.method,
  };
  const request = { method: 'POST' as const, headers, body: Buffer.from(JSON.stringify(discover)) };
  const { status, body } = await ask(address.url, request, signal);
  const reply = v.safeParse(v.pipe(v.string(), v.parseJson(), RpcReply), jsonOf(body));
  if (status === 200 && reply.success && reply.output.result !== undefined) return;
  throw new AppError(
    'protocol',
    `${address.url.href} does not answer an MCP request (HTTP status ${status}).`,
    {
      next: seeLog,
    },
  );
}

/** The JSON of a reply that may also come as one server-sent event. */
function jsonOf(body: string): string {
  return /^data: ?(.*)$/m.exec(body)?.[1] ?? body;
}

interface Request {
  method: 'GET' | 'POST';
  headers: Record<string, string>;
  body?: Buffer;
}

async function ask(
  url: URL,
  request: Request,
  signal: AbortSignal,
): Promise<{ status: number; body: string }> {
  const limit = deadline([signal], answerMs);
  try {
    const reply = await exchange({ url, ...request, signal: limit.signal, fresh: true }).reply;
    return { status: reply.statusCode ?? 0, body: (await bodyOf(reply, 1024 * 1024)).toString('utf8') };
  } catch (error) {
    throw limit.signal.aborted ? new Error(`no answer within ${answerMs / 1000} s`) : error;
  } finally {
    limit.dispose();
  }
}
