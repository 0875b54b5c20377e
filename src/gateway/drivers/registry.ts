import { AppError } from '../../platform/errors';
import type { Driver } from '../driver';
import { probe, type Probe } from '../resolve/probe';
import type { GatewayKind, GatewayTarget } from '../resolve/target';
import { BuiltinDriver } from './builtin';

type Make = (target: GatewayTarget, found: Probe) => Driver | Promise<Driver>;

/** One row for each gateway kind. */
const drivers: Readonly<Record<GatewayKind, Make>> = {
  builtin: (target, found) => {
    if (found.kind === 'builtin') return new BuiltinDriver(target, found.token);
    throw new AppError('protocol', `${target.url.href} (${target.source}) is not the built-in gateway`, {
      next: 'Use --driver http for another MCP end point.',
    });
  },
  http: async (target, found) => new (await import('./http')).HttpDriver(target, found.token),
  docker: unavailable('docker'),
  contextforge: unavailable('contextforge'),
  stdio: unavailable('stdio'),
};

/** The driver for a target: of the kind it names, else of the kind that answers there. */
export async function openDriver(target: GatewayTarget, signal?: AbortSignal): Promise<Driver> {
  if (target.kind && !['builtin', 'http'].includes(target.kind))
    return await drivers[target.kind](target, nothing);
  const found = await probe(target, signal);
  // The end point of one server carries that server's own names: to it, the gateway's pages do not apply.
  const whole = target.url.pathname.endsWith('/mcp') && !target.url.pathname.includes('/servers/');
  const kind = target.kind ?? (whole ? found.kind : 'http');
  return await drivers[kind](target, found);
}

const nothing: Probe = { kind: 'http', token: undefined };

function unavailable(kind: GatewayKind): Make {
  return () => {
    throw new AppError('refused', `the gateway kind "${kind}" is not available in this version`, {
      next: 'Use "builtin", or "http" with the --url of the gateway.',
    });
  };
}
