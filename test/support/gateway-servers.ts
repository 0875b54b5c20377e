import type { TestGateway } from './gateway';

/** What the tests look at in `/api/servers`. */
export interface ServersView {
  gateway: { problem: { message: string } | null };
  servers: {
    name: string;
    state: string;
    enabled: boolean;
    pid: number | null;
    source: string;
    description: string | null;
    disabledTools: string[];
  }[];
  problems: { message: string; next: string }[];
}

export async function serversView(gateway: TestGateway): Promise<ServersView> {
  return (await (await gateway.fetch('/api/servers')).json()) as ServersView;
}

/** The pid of a server that is up. */
export async function pidOf(gateway: TestGateway, name: string): Promise<number | undefined> {
  const found = (await serversView(gateway)).servers.find((server) => server.name === name);
  return found?.state === 'ready' ? (found.pid ?? undefined) : undefined;
}
