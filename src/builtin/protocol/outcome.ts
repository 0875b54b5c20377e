import type { Answer } from '../upstream/peer';
import { errorBytes, resultBytes, type RequestMessage } from '../wire/envelope';
import { codes, RpcError } from '../wire/rpc-error';
import type { Exchange } from './exchange';

/**
 * Does the work of one request and answers it, whatever becomes of it. `statuses`: the modern era repeats errors in the
 * HTTP status; the legacy era sends them with 200. Rejects, after the answer, with a failure that no client caused.
 */
export async function answer(
  exchange: Exchange,
  { id }: RequestMessage,
  statuses: boolean,
  work: () => Promise<Answer>,
): Promise<void> {
  try {
    const { kind, body } = await work();
    exchange.reply(kind === 'result' ? resultBytes(id, body) : errorBytes(id, body));
  } catch (error) {
    const rpc =
      error instanceof RpcError
        ? error
        : new RpcError(codes.internal, 'the gateway failed to handle the request', { cause: error });
    exchange.reply(errorBytes(id, rpc.toBytes()), statuses ? rpc.status : 200);
    if (!(error instanceof RpcError)) throw error;
  }
}
