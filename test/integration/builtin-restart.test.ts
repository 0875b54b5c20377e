import assert from 'node:assert/strict';
import { eventually } from '../support/eventually';
import { ownServer, startTestGateway, type TestGateway } from '../support/gateway';
import { processesWith } from '../support/processes';
import { RawClient } from '../support/raw-client';

interface Server {
  name: string;
  state: string;
  pid: number | null;
}

async function serverOf(gateway: TestGateway): Promise<Server | undefined> {
  const { servers } = (await (await gateway.fetch('/api/servers')).json()) as { servers: Server[] };
  return servers[0];
}

async function restart(gateway: TestGateway): Promise<Server> {
  const response = await gateway.fetch('/api/servers/one/restart', { method: 'POST' });
  assert.equal(response.status, 202);
  return ((await response.json()) as { server: Server }).server;
}

describe('a server that is restarted', () => {
  const mark = `mark-twice-${process.pid}`;
  let gateway: TestGateway;

  before(async () => {
    // It takes a second or two to end.
    gateway = await startTestGateway({
      servers: { one: { ...ownServer('nasty', 'stubborn'), env: { TEST_MARK: mark } } },
    });
  });
  after(async () => gateway.stop());

  it('several times at once ends up as one process', async () => {
    const before = (await serverOf(gateway))?.pid;
    await Promise.all([restart(gateway), restart(gateway), restart(gateway)]);
    await eventually(async () => {
      const server = await serverOf(gateway);
      return (
        server?.state === 'ready' &&
        server.pid !== before &&
        processesWith(`TEST_MARK=${mark}`).length === 1 &&
        processesWith(`TEST_MARK=${mark}`)[0] === server.pid
      );
    });
  });

  it('is starting from the moment on that the restart was asked for, and requests wait for it', async () => {
    const client = await RawClient.open(gateway);
    const { state } = await restart(gateway);
    assert.equal(state, 'starting');
    assert.match(
      (await client.request('tools/call', '{"name":"one__ping","arguments":{}}')).toString(),
      /ping of stubborn/,
    );
  });
});
