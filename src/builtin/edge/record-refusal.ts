import type { IncomingMessage } from 'node:http';
import { Params } from '../../mcp-wire/params';
import type { CallControl } from '../call-control/call-control';
import type { Caller } from '../client/caller';
import type { Profile } from '../tokens/profile';
import { pathOf } from './request-target';

const noParams = new Params(Buffer.alloc(0), undefined);
const noCaller: Caller = { era: 'modern', session: undefined, client: undefined, traceparent: undefined };

/** Records an HTTP request that its token does not allow. `server` is the server that it names, if there is one. */
export async function recordRefusal(
  { gate }: Pick<CallControl, 'gate'>,
  request: IncomingMessage,
  profile: Profile,
  problem: string,
  server = '',
): Promise<void> {
  const method = request.method ?? '';
  const name = pathOf(request);
  await gate.refuse({ caller: noCaller, profile, server, method, name, params: noParams }, problem);
}
