import type { Fleet } from '../catalogue/server-registry';
import type { Sessions } from '../client/session';
import type { Registry } from './registry';

/** The state of the servers and of the clients' sessions. */
export function observeFleet(registry: Registry, fleet: Fleet, sessions: Sessions): void {
  const servers = () => [...fleet.servers.values()].map((server) => server.report());
  registry.observed('mcp_gateway_sessions', 'gauge', 'Open sessions of clients.', () => [
    { labels: {}, value: sessions.count },
  ]);
  registry.observed('mcp_gateway_server_state', 'gauge', '1 for the state in which a server is.', () =>
    servers().map(({ name, state }) => ({ labels: { server: name, state }, value: 1 })),
  );
  registry.observed(
    'mcp_gateway_server_restarts',
    'gauge',
    'Restarts since the server last was stable.',
    () => servers().map(({ name, restarts }) => ({ labels: { server: name }, value: restarts })),
  );
  registry.observed('mcp_gateway_server_tools', 'gauge', 'Tools that a server offers.', () =>
    servers().map(({ name, counts }) => ({ labels: { server: name }, value: counts.tools })),
  );
}
