import type { ServerRegistry } from '../catalogue/server-registry';
import type { Sessions } from '../client/session';
import type { Registry } from './registry';

/** Metrics of the servers and of the client sessions. */
export function observeServers(registry: Registry, servers: ServerRegistry, sessions: Sessions): void {
  const reports = () => [...servers.servers.values()].map((server) => server.report());
  registry.observed('mcp_gateway_sessions', 'gauge', 'Number of open client sessions.', () => [
    { labels: {}, value: sessions.count },
  ]);
  registry.observed('mcp_gateway_server_state', 'gauge', '1 for the current state of a server.', () =>
    reports().map(({ name, state }) => ({ labels: { server: name, state }, value: 1 })),
  );
  registry.observed(
    'mcp_gateway_server_restarts',
    'gauge',
    'Restarts since the server was last stable.',
    () => reports().map(({ name, restarts }) => ({ labels: { server: name }, value: restarts })),
  );
  registry.observed('mcp_gateway_server_tools', 'gauge', 'Number of tools of a server.', () =>
    reports().map(({ name, counts }) => ({ labels: { server: name }, value: counts.tools })),
  );
}
