import type { GatewayReport, ServerReport } from '../../../src/servers/api-types';

/** What a gateway tells about itself. */
export const about: GatewayReport = {
  kind: 'builtin',
  version: '0.1.0',
  pid: 1,
  startedAt: '2026-11-21T09:00:00.000Z',
  servers: '/w/.devcontainer/mcp-gateway/servers.json',
  problem: null,
};

/** A server in a state, with two tools, one resource and one template. */
export function server(name: string, state: ServerReport['state']): ServerReport {
  return {
    name,
    type: 'stdio',
    state,
    enabled: state !== 'disabled',
    error: null,
    counts: { tools: 2, resources: 1, resourceTemplates: 1, prompts: 0, calls: 3, errors: 0 },
    pid: 42,
    url: null,
    startedAt: '2026-11-21T09:00:00.000Z',
    restarts: 0,
    description: null,
    serverInfo: null,
    protocolVersion: null,
    activity: null,
  };
}
