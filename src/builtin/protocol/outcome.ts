import type { RpcResponse } from '../../mcp-wire/rpc-response';
import { errorBytes, resultBytes, type RequestMessage } from '../../mcp-wire/envelope';
import { memberNamed, membersOf } from '../../mcp-wire/json';
import { codes, RpcError } from '../../mcp-wire/rpc-error';
import type { Exchange } from './exchange';

/** One request, and how to answer it. */
export interface RequestHandling {
  message: RequestMessage;
  exchange: Exchange;
  /** Whether errors also set the HTTP status. The modern era requires this; the legacy era sends errors with 200. */
  repeats: boolean;
  work: () => Promise<RpcResponse>;
  /** Called after the response was sent. */
  ended?: () => void;
}

/**
 * Runs the work of one request and sends exactly one response for it.
 *
 * A result or an error of the server is relayed byte for byte. An {@link RpcError} becomes an error response, which the
 * client can act on. Any other error is a bug or a failure of the gateway: the client gets a general internal error
 * without details, and the function rejects afterwards, so that the failure is logged. Responses follow
 * https://modelcontextprotocol.io/specification/2025-11-25/basic (Messages); since 2026-07-28 some errors also set the
 * HTTP status: 400 for a header mismatch, a missing capability or an unsupported version, 404 for an unknown method.
 */
export async function answer({
  message: { id },
  exchange,
  repeats,
  work,
  ended,
}: RequestHandling): Promise<void> {
  try {
    const { kind, body } = await work();
    if (kind === 'result') exchange.reply(resultBytes(id, body));
    else exchange.reply(errorBytes(id, body), repeats ? statusOf(body) : 200);
  } catch (error) {
    const rpc =
      error instanceof RpcError
        ? error
        : new RpcError(
            codes.internal,
            'The gateway failed to handle the request. See its log: devcontainer-gateway logs',
            { cause: error },
          );
    exchange.reply(errorBytes(id, rpc.toBytes()), repeats ? rpc.status : 200);
    if (!(error instanceof RpcError)) throw error;
  } finally {
    ended?.();
  }
}

/** The HTTP status that 2026-07-28 requires for an error of a server. */
function statusOf(error: Buffer): number {
  const code = memberNamed(membersOf(error, 0), 'code');
  return (code && httpStatuses.get(error.toString('latin1', code.start, code.end))) ?? 200;
}

const httpStatuses: ReadonlyMap<string, number> = new Map([
  [String(codes.headerMismatch), 400],
  [String(codes.missingClientCapability), 400],
  [String(codes.unsupportedProtocolVersion), 400],
  [String(codes.methodNotFound), 404],
]);
