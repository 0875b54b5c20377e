import { codes, RpcError } from '../../../mcp-wire/rpc-error';

/** Why a call was refused, in one word. */
export type RefusalReason = 'filter' | 'rate' | 'quota' | 'queue' | 'result-size' | 'stopping';

const codeOf: ReadonlyMap<RefusalReason, number> = new Map([
  ['filter', codes.refused],
  ['stopping', codes.internal],
]);

/** A call that the gateway itself refuses. `retryAfterMs` says when it may be tried again, if that is known. */
export class RefusedError extends RpcError {
  constructor(
    readonly reason: RefusalReason,
    message: string,
    retryAfterMs?: number,
  ) {
    super(codeOf.get(reason) ?? codes.limited, message, {
      data: { reason, ...(retryAfterMs === undefined ? {} : { retryAfterMs }) },
    });
    this.name = 'RefusedError';
  }
}
