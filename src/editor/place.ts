import type { GatewayAddress } from '../gateway/address';
import { sidecar } from '../devcontainer/sidecar';
import { isInside } from '../gateway/resolve/inside';
import { probe } from '../gateway/resolve/probe';
import { resolveTarget } from '../gateway/resolve/target';
import { AppError } from '../platform/errors';

/**
 * Where the extension runs: `container` beside a gateway that is known by its address alone, as inside a wired dev
 * container; `host` on the machine that has the folder and, normally, an engine.
 */
export type Place = 'container' | 'host';

export function placeOf(env: NodeJS.ProcessEnv): Place {
  return isInside(env) ? 'container' : 'host';
}

/**
 * The gateway that the environment names, with the one of its candidate tokens that it accepts. Looked up again each time:
 * the token of a fresh clone appears later.
 */
export async function namedGateway(env: NodeJS.ProcessEnv, workspace: string): Promise<GatewayAddress> {
  const url = env[sidecar.urlVariable] || sidecar.url;
  const target = await resolveTarget(
    { workspace },
    { env: { ...env, [sidecar.urlVariable]: url }, cwd: workspace, locateWorkspace: nowhere },
  );
  const [first, ...others] = target.tokens;
  const found = others.length > 0 ? await probe(target).catch(() => undefined) : undefined;
  return { url: target.url, source: target.source, token: found ? found.token : first };
}

async function nowhere(): Promise<never> {
  return await Promise.reject(new AppError('not-found', 'The environment does not name a gateway.'));
}
