import type { ApiContext } from './context';

/** The gateway and every server behind it. */
export function overview({ gateway, registry, live }: ApiContext): object {
  return {
    gateway: gateway(),
    servers: [...registry.servers.values()].map((server) => registry.report(server)),
    problems: [...live.current.problems, ...registry.problems],
  };
}
