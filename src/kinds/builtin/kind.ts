import type { GatewayAddress } from '../../gateway/address';
import type { Kind } from '../../gateway/kind';
import * as v from 'valibot';
import { GatewayApi } from './api';
import { checkHealth } from './health';
import { BuiltinLists } from './lists';
import { builtinSidecar } from './sidecar';

const Page = v.pipe(
  v.string(),
  v.parseJson(),
  v.object({ gateway: v.object({ kind: v.literal('builtin') }) }),
);

const api = (address: GatewayAddress): GatewayApi => new GatewayApi(address);

/** Our own gateway. Its `/api` serves every part. */
export const builtin: Kind = {
  id: 'builtin',
  label: 'Built-in gateway',
  available: true,
  maturity: 'recommended',
  limits: 'One small container, without the engine socket. Servers run in it, on Node.',
  detect: ({ status, body }) => status === 200 && v.is(Page, body),
  health: checkHealth,
  openDriver: async (target, token) => {
    const { BuiltinDriver } = await import('./driver');
    return new BuiltinDriver(target, token);
  },
  sidecar: builtinSidecar,
  servers: api,
  events: api,
  logs: api,
  lifecycle: api,
  admin: api,
  lists: (address) => new BuiltinLists(address),
};
