import type { RpcResponse } from '../../mcp-wire/rpc-response';
import { errorBytes, resultBytes, type RequestMessage } from '../../mcp-wire/envelope';
import { memberNamed, membersOf } from '../../mcp-wire/json';
import { codes, RpcError } from '../../mcp-wire/rpc-error';
import type { Exchange } from './exchange';

/** One request, and how it is answered. */
export interface RequestHandling {
  message: RequestMessage;
  exchange: Exchange;
  /** The modern era repeats errors in the HTTP status; the legacy era sends them with 200. */
  repeats: boolean;
  work: () => Promise<RpcResponse>;
  /** Called when the answer has gone. */
  ended?: () => void;
}

/**
 * Does the work of one request and answers it, whatever becomes of it. Rejects, after the answer, with a failure that no
 * client caused.
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
        : new RpcError(codes.internal, 'the gateway failed to handle the request', { cause: error });
    exchange.reply(errorBytes(id, rpc.toBytes()), repeats ? rpc.status : 200);
    if (!(error instanceof RpcError)) throw error;
  } finally {
    ended?.();
  }
}

/** The HTTP status that 2026-07-28 demands beside an error that a server made. */
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
