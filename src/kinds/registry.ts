import type { Driver } from '../gateway/driver';
import type { Kind, Kinds } from '../gateway/kind';
import { probe } from '../gateway/resolve/probe';
import type { GatewayTarget } from '../gateway/resolve/target';
import type { StatusPage } from '../gateway/resolve/probe';
import { AppError } from '../platform/errors';
import type { GatewayKind } from '../servers/gateway-settings';
import { builtin } from './builtin/kind';
import { command } from './command/kind';
import { contextforge } from './contextforge/kind';
import { docker } from './docker/kind';
import { endpoint } from './endpoint/kind';

/** Every gateway kind. This is the one place that knows them all. */
export const kinds: Kinds = { builtin, docker, contextforge, http: endpoint, stdio: command };

/** The kind that a dev container gets where nothing else is chosen. */
export const defaultKind: GatewayKind = 'builtin';

/** The kinds that `add` shows, the recommended one first. */
export const kindsForDevContainers: readonly Kind[] = [builtin, docker, contextforge];

/** The kind with this id. Throws `refused` for one that this version cannot put beside a dev container. */
export function sidecarKind(id: string): Kind & Required<Pick<Kind, 'sidecar'>> {
  const kind = Object.values(kinds).find((known) => known.id === id);
  if (kind?.sidecar) return { ...kind, sidecar: kind.sidecar };
  const available = Object.values(kinds).filter(({ sidecar }) => sidecar !== undefined);
  throw new AppError('refused', `The gateway kind "${id}" is not available in this version.`, {
    next: `Use ${available.map((known) => known.id).join(' or ')}.`,
  });
}

/** The kind that such an answer comes from. An endpoint of MCP alone answers in any way. */
export function detectKind(page: StatusPage): Kind {
  return Object.values(kinds).find((kind) => kind !== endpoint && kind.detect(page)) ?? endpoint;
}

/** The driver for a target: of the kind that it names, else of the kind that answers there. */
export async function openDriver(target: GatewayTarget, signal?: AbortSignal): Promise<Driver> {
  const named = target.kind && kinds[target.kind];
  // Of these nothing is there to ask.
  if (named?.available === false) return await named.openDriver(target, undefined);
  const { page, token } = await probe(target, signal);
  const found = detectKind(page);
  if (named && named !== endpoint && named !== found)
    throw new AppError(
      'protocol',
      `${target.url.href} (${target.source}) is not the ${named.label.toLowerCase()}.`,
      {
        next: 'Use --driver http for another MCP endpoint.',
      },
    );
  return await (named ?? (servesAll(target.url) ? found : endpoint)).openDriver(target, token);
}

/** The endpoint of one server carries that server's own names: the gateway's pages do not apply to it. */
function servesAll({ pathname }: URL): boolean {
  return pathname.endsWith('/mcp') && !pathname.includes('/servers/');
}
