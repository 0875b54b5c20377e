import assert from 'node:assert/strict';
import { eventually } from '../support/eventually';
import { ownServer, startTestGateway, type TestGateway } from '../support/gateway';
import { legacyClient, type MatrixClient } from '../support/matrix-client';
import { matrixServer } from '../support/matrix-server';
import { processesWith } from '../support/processes';
import { RawClient } from '../support/raw-client';

interface Report {
  servers: { name: string; pid: number | null }[];
}

describe('two sessions of one gateway', () => {
  let gateway: TestGateway;
  let first: MatrixClient;
  let second: MatrixClient;
  const marker = `isolation-${process.pid}`;

  before(async () => {
    const { entry } = await matrixServer('legacy', 'stdio');
    gateway = await startTestGateway({
      servers: {
        own: { ...entry, isolation: 'session', env: { MCP_TEST_MARKER: `${marker}-own` } },
        shared: { ...entry, env: { MCP_TEST_MARKER: `${marker}-shared` } },
      },
    });
    [first, second] = await Promise.all([
      legacyClient(gateway, { roots: ['file:///first'] }),
      legacyClient(gateway, { roots: ['file:///second'] }),
    ]);
  });
  after(async () => {
    await first.close();
    await second.close();
    await gateway.stop();
  });

  it('have a server of their own each, where it is marked so, with a state that the other does not see', async () => {
    await first.call('own__grow');
    assert.ok((await first.toolNames()).includes('own__grown-1'));
    assert.ok(!(await second.toolNames()).includes('own__grown-1'));
    assert.equal(first.seen.toolsChanged, 1);
    assert.equal(second.seen.toolsChanged, 0);
  });

  it('answer the server requests of their own calls, also concurrently', async () => {
    const asked = Array.from({ length: 20 }, async (_, i) => {
      const client = i % 2 === 0 ? first : second;
      assert.equal(await client.call('own__roots'), i % 2 === 0 ? 'file:///first' : 'file:///second');
    });
    await Promise.all(asked);
  });

  it('share a server until it asks for something, and none of them is asked for the other from then on', async () => {
    const pid = await pidOf('shared');
    assert.equal(await first.call('shared__echo', { message: 'hello' }), 'hello');
    assert.equal(await pidOf('shared'), pid);
    assert.equal(processesWith(`${marker}-shared`).length, 1);
    assert.equal(await first.call('shared__roots'), 'file:///first');
    const asked = Array.from({ length: 20 }, async (_, i) => {
      const client = i % 2 === 0 ? first : second;
      assert.equal(await client.call('shared__roots'), i % 2 === 0 ? 'file:///first' : 'file:///second');
    });
    await Promise.all(asked);
    // Nobody uses the process that they shared any more.
    await eventually(() => processesWith(`${marker}-shared`).length === 2);
    assert.notEqual(await pidOf('shared'), pid);
  });

  it('are shown what the server offers to clients like them, and have a process of their own once they call it', async () => {
    const before = processesWith(`${marker}-own`).length;
    const third = await legacyClient(gateway, { roots: ['file:///third'] });
    const names = await third.toolNames();
    assert.ok(names.includes('own__roots') && !names.includes('own__grown-1'));
    assert.equal(processesWith(`${marker}-own`).length, before);
    assert.equal(await third.call('own__roots'), 'file:///third');
    assert.equal(processesWith(`${marker}-own`).length, before + 1);
    assert.equal(third.seen.toolsChanged, 0);
    await third.end();
    await eventually(() => processesWith(`${marker}-own`).length === before);
  });

  it('do not see each other’s log messages and progress', async () => {
    first.seen.log.length = 0;
    second.seen.log.length = 0;
    const steps: number[] = [];
    await Promise.all([
      first.call('own__log'),
      first.call('shared__log'),
      second.call('shared__count', { steps: 5 }, { onprogress: ({ progress }) => steps.push(progress) }),
    ]);
    await eventually(() => first.seen.log.length === 2);
    assert.deepEqual(steps, [1, 2, 3, 4, 5]);
    assert.deepEqual(second.seen.log, []);
  });

  it('leave nothing of their own behind when they end', async () => {
    const third = await legacyClient(gateway);
    await third.call('own__echo', { message: 'hello' });
    const before = processesWith(`${marker}-own`).length;
    await third.end();
    await eventually(() => processesWith(`${marker}-own`).length === before - 1);
  });

  async function pidOf(name: string): Promise<number | null | undefined> {
    const report = (await (await gateway.fetch('/api/servers')).json()) as Report;
    return report.servers.find((server) => server.name === name)?.pid;
  }
});

describe('two clients that can be asked nothing', () => {
  it('share one process of a server that would ask', async () => {
    const { entry } = await matrixServer('legacy', 'stdio');
    const marker = `isolation-bare-${process.pid}`;
    const gateway = await startTestGateway({
      servers: { one: { ...entry, env: { MCP_TEST_MARKER: marker } } },
    });
    try {
      const asker = await legacyClient(gateway);
      await asker.call('one__roots');
      await asker.end();
      const clients = await Promise.all([RawClient.open(gateway), RawClient.open(gateway)]);
      const echo = '{"name":"one__echo","arguments":{"message":"hello"}}';
      for (const client of clients)
        assert.match((await client.request('tools/call', echo)).toString(), /hello/);
      // The one that everybody shared before it asked is needed by nobody.
      await eventually(() => processesWith(marker).length === 1);
    } finally {
      await gateway.stop();
    }
  });
});

describe('the end point of one server', () => {
  let gateway: TestGateway;

  before(async () => {
    gateway = await startTestGateway({ servers: { one: ownServer('flood') } });
  });
  after(async () => gateway.stop());

  it('passes on a method that the gateway does not know; that of all servers cannot', async () => {
    const one = await RawClient.open(gateway, '/servers/one/mcp');
    assert.match((await one.request('x/extension', '{}')).toString(), /"message":"unknown"/);
    const all = await RawClient.open(gateway);
    assert.match(
      (await all.request('x/extension', '{}')).toString(),
      /The method .*x\/extension.* is not supported/,
    );
  });

  it('offers what the server offers, no more', async () => {
    const response = await gateway.fetch('/servers/one/mcp', {
      method: 'POST',
      headers: { 'content-type': 'application/json', accept: 'application/json, text/event-stream' },
      body: '{"jsonrpc":"2.0","id":1,"method":"initialize","params":{"protocolVersion":"2025-11-25","capabilities":{}}}',
    });
    const { result } = (await response.json()) as { result: { capabilities: object } };
    assert.deepEqual(result.capabilities, { tools: {}, logging: {} });
  });
});
