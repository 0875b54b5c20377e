import { makeIdentity } from '../../client/client';
import { codes, RpcError } from '../../../mcp-wire/rpc-error';
import type { ServerRequest } from '../../client/call-link';
import { gatewayInfo } from './gateway-info';
import type { RpcResponse } from '../../../mcp-wire/rpc-response';

/**
 * What the shared connection declares: whatever a server may ask for reaches the client whose call is under way. Once
 * a server has asked, clients get connections of their own, which declare what they themselves can do.
 */
export const sharedIdentity = makeIdentity(
  Buffer.from(
    JSON.stringify({
      roots: { listChanged: true },
      sampling: { context: {}, tools: {} },
      elicitation: { form: {}, url: {} },
    }),
  ),
  Buffer.from(JSON.stringify(gatewayInfo)),
);

/** Nobody in particular is asked: there are no roots but those that the definition names, and no one to answer. */
export function answerWithoutClient({ method }: ServerRequest): RpcResponse {
  if (method === 'roots/list') return { kind: 'result', body: Buffer.from('{"roots":[]}') };
  throw new RpcError(codes.internal, 'no client is there that could be asked: call again');
}
