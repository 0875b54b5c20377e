import path from 'node:path';

/** One mount of a service. `source` is absolute for a bind and the volume's key for a volume. */
export interface ComposeMount {
  type: string;
  source: string | undefined;
  target: string;
  /** The source as the file has it, variables unreplaced; only our own reading knows it. */
  written?: string;
}

export interface ComposeService {
  networks: string[];
  networkMode: string | undefined;
  volumes: ComposeMount[];
}

/** What wiring needs to know of a Compose project. */
export interface ComposeModel {
  services: Record<string, ComposeService>;
  externalNetworks: string[];
}

/**
 * The networks a sidecar joins to be reached from a service: its own, or, following `network_mode: service:x`, those
 * of the service at the chain's end. `undefined` when that one is on no Compose network (`host`, `none`, …).
 */
export function reachableNetworks(model: ComposeModel, service: string): string[] | undefined {
  const seen = new Set<string>();
  for (let name = service; !seen.has(name);) {
    seen.add(name);
    const current = model.services[name];
    if (current?.networkMode === undefined) return current?.networks ?? [];
    const joined = /^service:(.+)$/.exec(current.networkMode)?.[1];
    if (joined === undefined) return undefined;
    name = joined;
  }
  return undefined;
}

/** The mount of a service that holds a folder of its container: the one with the longest target above it. */
export function mountOf(model: ComposeModel, service: string, folder: string): ComposeMount | undefined {
  const above = (model.services[service]?.volumes ?? []).filter(
    (mount) =>
      (mount.type === 'bind' || mount.type === 'volume') &&
      mount.source !== undefined &&
      !path.posix.relative(mount.target, folder).startsWith('..'),
  );
  return above.sort((left, right) => right.target.length - left.target.length)[0];
}
