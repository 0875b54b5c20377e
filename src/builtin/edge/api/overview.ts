import type { ApiContext } from './context';

/** The gateway and every server behind it. */
export function overview({ gateway, registry, live, stateProblems }: ApiContext): object {
  return {
    gateway: gateway(),
    servers: [...registry.servers.values()].map((server) => registry.report(server)),
    problems: [...stateProblems.list, ...live.current.problems, ...registry.problems],
  };
}
