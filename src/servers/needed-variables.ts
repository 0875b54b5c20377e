import type { ServerDefinition, ServersFile } from './schema';

const reference = /\$\{([A-Za-z_][A-Za-z0-9_]*)\}/g;
/** Variables that the gateway itself sets. */
export const providedByGateway: readonly string[] = ['MCP_GATEWAY_STATE'];

/** The variables without a default that enabled servers need, each with the servers that refer to it. */
export function neededVariables({ servers }: ServersFile): Map<string, string[]> {
  const needed = new Map<string, string[]>();
  for (const [name, server] of servers) {
    if (!server.enabled) continue;
    for (const variable of variablesIn(server))
      if (!providedByGateway.includes(variable))
        needed.set(variable, [...(needed.get(variable) ?? []), name]);
  }
  return needed;
}

function variablesIn(server: ServerDefinition): Set<string> {
  return new Set([...JSON.stringify(server).matchAll(reference)].map(([, name]) => name ?? ''));
}
