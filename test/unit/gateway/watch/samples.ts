import { type GatewayReport, type ServerReport, nextFields } from '../../../../src/servers/api-types';
import type { ContainerDetails } from '../../../../src/gateway/engine/runtime';

/** A gateway's word about itself. */
export function about(more: Partial<GatewayReport> = {}): GatewayReport {
  return {
    kind: 'builtin',
    version: '1',
    pid: 1,
    startedAt: '2026-01-01T00:00:00.000Z',
    servers: '/w/servers.json',
    problem: null,
    ...more,
  };
}

/** A server's report. */
export function server(name: string, state: ServerReport['state']): ServerReport {
  return {
    name,
    type: 'stdio',
    state,
    enabled: state !== 'disabled',
    error: state === 'failed' ? { message: `${name} broke`, ...nextFields(`mend ${name}`) } : null,
    counts: { tools: 2, resources: 0, resourceTemplates: 0, prompts: 1, calls: 7, errors: 0 },
    pid: null,
    url: null,
    startedAt: null,
    restarts: 0,
    description: null,
    serverInfo: null,
    protocolVersion: null,
    activity: null,
  };
}

/** An inspected container. */
export function details(more: Partial<ContainerDetails> = {}): ContainerDetails {
  return {
    id: 'abc',
    name: 'p-mcp-gateway-1',
    image: 'p-mcp-gateway',
    imageId: 'sha256:1',
    status: 'running',
    exitCode: 0,
    error: '',
    outOfMemory: false,
    startedAt: '2026-01-01T00:00:00Z',
    finishedAt: undefined,
    restarts: 0,
    labels: {},
    ports: [{ containerPort: 8811, hostIp: '127.0.0.1', hostPort: 4321 }],
    networks: ['p_default'],
    mounts: [],
    ...more,
  };
}
