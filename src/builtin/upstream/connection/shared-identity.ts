import { makeIdentity } from '../../client/client';
import { codes, RpcError } from '../../../mcp-wire/rpc-error';
import type { ServerRequest } from '../../client/call-link';
import { gatewayInfo } from './gateway-info';
import type { RpcResponse } from '../../../mcp-wire/rpc-response';

/**
 * The client identity of the shared connection. It declares all capabilities, and a request of the server is relayed to
 * the client whose call is pending. After the first such request, clients get dedicated connections, which declare the
 * capabilities of the client.
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

/** Answers a server request that belongs to no client: there are no roots, and every other request is refused. */
export function answerWithoutClient({ method }: ServerRequest): RpcResponse {
  if (method === 'roots/list') return { kind: 'result', body: Buffer.from('{"roots":[]}') };
  throw new RpcError(codes.internal, 'There is no client that can answer this request. Call again.');
}
