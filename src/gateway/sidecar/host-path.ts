import path from 'node:path';
import { exists } from '../../platform/files';
import type { Mount } from '../engine/runtime';
import type { GatewayState } from '../watch/state';

/** The file of this machine that a container sees at a path, by its bind mounts; `undefined` where there is none. */
export async function hostPath(file: string, mounts: readonly Mount[]): Promise<string | undefined> {
  const [mount] = mounts
    .filter(({ type, target }) => type === 'bind' && (file === target || file.startsWith(`${target}/`)))
    .sort((a, b) => b.target.length - a.target.length);
  if (!mount) return undefined;
  // Docker Desktop tells sources as its virtual machine sees them.
  const source = mount.source.replace(/^\/host_mnt(?=\/)/, '');
  const found = path.join(source, path.posix.relative(mount.target, file));
  return (await exists(found)) ? found : undefined;
}

/** The state of a sidecar with its servers file named as this machine names it, so that a person can open it. */
export async function withHostPaths(state: GatewayState, mounts: readonly Mount[]): Promise<GatewayState> {
  if (!('gateway' in state) || state.gateway.servers === null) return state;
  const inside = state.gateway.servers;
  const outside = await hostPath(inside, mounts);
  if (outside === undefined) return state;
  const named = (text: string): string => text.replaceAll(inside, outside);
  const { problem } = state.gateway;
  const gateway = {
    ...state.gateway,
    servers: outside,
    problem: problem && {
      ...problem,
      file: problem.file === null ? null : named(problem.file),
      message: named(problem.message),
    },
  };
  return state.status === 'degraded'
    ? { ...state, gateway, reason: named(state.reason) }
    : { ...state, gateway };
}
