import assert from 'node:assert/strict';
import { eventually } from '../support/eventually';
import { startTestGateway, type TestGateway } from '../support/gateway';
import { ListedServer, tool } from '../support/listed-server';
import { RawClient } from '../support/raw-client';

interface Server {
  name: string;
  state: string;
  pid: number | null;
}

describe('a server that is not always needed', () => {
  let listed: ListedServer;
  let gateway: TestGateway;
  const start = async (servers: Record<string, object>): Promise<void> => {
    const entries = Object.entries(servers).map(([name, extra]) => [name, { ...listed.entry, ...extra }]);
    gateway = await startTestGateway({
      servers: Object.fromEntries(entries) as Record<string, unknown>,
      args: ['--state', listed.state],
    });
  };
  const serverOf = async (name: string): Promise<Server | undefined> => {
    const { servers } = (await (await gateway.fetch('/api/servers')).json()) as { servers: Server[] };
    return servers.find((server) => server.name === name);
  };
  const asleep = async (name: string): Promise<boolean> => {
    const server = await serverOf(name);
    return server?.state === 'idle' && server.pid === null;
  };
  const call = async (client: RawClient, name: string): Promise<string> =>
    (await client.request('tools/call', `{"name":"${name}","arguments":{}}`)).toString();

  beforeEach(async () => (listed = await ListedServer.make({ tools: [tool('wait'), tool('who')] })));
  afterEach(async () => {
    await gateway.stop();
    await listed.remove();
  });

  it('is started once to learn what it offers, and then on its first use', async () => {
    await start({ s: { start: 'on-first-use' } });
    await eventually(async () => asleep('s'));
    const client = await RawClient.open(gateway);
    assert.match((await client.request('tools/list', '{}')).toString(), /s__who/);
    assert.ok(await asleep('s'), 'a list is no use of it');
    assert.match(await call(client, 's__who'), /who by \d+/);
    assert.equal((await serverOf('s'))?.state, 'ready');
  });

  it('has no process at all when its lists are known from an earlier run', async () => {
    await start({ s: { start: 'on-first-use' } });
    await eventually(async () => asleep('s'));
    await gateway.stop();
    await listed.hang();
    await start({ s: { start: 'on-first-use' } });
    const client = await RawClient.open(gateway);
    assert.match((await client.request('tools/list', '{}')).toString(), /s__who/);
    assert.match(await call(client, 's__unheard-of'), /Unknown tool/);
    assert.ok(await asleep('s'));
    await listed.resume();
    assert.match(await call(client, 's__who'), /who by \d+/);
  });

  it('is asked for a resource that no list has', async () => {
    await start({ s: { start: 'on-first-use' } });
    await eventually(async () => asleep('s'));
    const client = await RawClient.open(gateway);
    assert.match((await client.request('resources/read', '{"uri":"made://up"}')).toString(), /"text":"read"/);
  });

  it('is stopped after its idle time, never in the middle of a call, and comes back when it is called', async () => {
    await start({ busy: { idleSeconds: 1 }, quiet: { idleSeconds: 1 }, always: {} });
    const client = await RawClient.open(gateway);
    const waiting = call(client, 'busy__wait');
    for (let i = 0; i < 2; i += 1) {
      assert.match(await call(client, 'quiet__who'), /who by \d+/);
      await eventually(async () => asleep('quiet'));
    }
    assert.equal((await serverOf('busy'))?.state, 'ready');
    assert.equal((await serverOf('always'))?.state, 'ready');
    await listed.finish();
    assert.match(await waiting, /wait by \d+/);
    await eventually(async () => asleep('busy'));
  });
});
