import assert from 'node:assert/strict';
import { eventually } from '../support/eventually';
import { ownServer, startTestGateway, type TestGateway } from '../support/gateway';
import { legacyClient } from '../support/matrix-client';
import { matrixServer } from '../support/matrix-server';
import { processesWith } from '../support/processes';
import { RawClient } from '../support/raw-client';

interface Report {
  servers: { name: string; state: string; restarts: number }[];
}

describe('a server with faults', () => {
  let gateway: TestGateway | undefined;
  afterEach(async () => gateway?.stop());

  async function start(fault: string, more: object = {}): Promise<TestGateway> {
    gateway = await startTestGateway({ servers: { one: { ...ownServer('faulty', fault), ...more } } });
    return gateway;
  }

  const stateOf = async (of: TestGateway): Promise<Report['servers'][number] | undefined> =>
    ((await (await of.fetch('/api/servers')).json()) as Report).servers[0];

  const seenBy = async (client: RawClient): Promise<string> =>
    (await client.request('tools/call', '{"name":"one__seen","arguments":{}}')).toString();

  it('keeps its tools when one of its lists fails', async () => {
    const client = await RawClient.open(await start('no-resources'));
    assert.match(await seenBy(client), /resources\/list/);
  });

  it('is asked for a list once when it hands out the same cursor again and again', async () => {
    const client = await RawClient.open(await start('endless'));
    const asked = (await seenBy(client)).match(/resources\/list/g) ?? [];
    assert.ok(asked.length <= 2, `${asked.length} pages`);
  });

  it('is tried again when it dies while it starts, and is not taken for ready', async () => {
    const started = await start('dies');
    await eventually(async () => {
      const report = await stateOf(started);
      assert.notEqual(report?.state, 'ready');
      return (report?.restarts ?? 0) > 0;
    });
  });

  it('does not hold up a client by not answering how much it may log', async () => {
    const client = await RawClient.open(await start('deaf'));
    assert.match((await client.request('logging/setLevel', '{"level":"debug"}')).toString(), /"result":\{\}/);
    assert.match(await seenBy(client), /logging\/setLevel:debug/);
  });

  it('gets the log level that was set while it slept', async () => {
    const client = await RawClient.open(await start('', { start: 'on-first-use' }));
    await client.request('logging/setLevel', '{"level":"error"}');
    await eventually(async () => (await seenBy(client)).includes('logging/setLevel:error'));
  });
});

describe('what a session leaves behind', () => {
  it('is no subscription: they end with it, at the server that has them', async () => {
    const gateway = await startTestGateway({
      servers: { first: ownServer('faulty'), second: ownServer('faulty') },
    });
    try {
      const staying = await RawClient.open(gateway);
      const leaving = await RawClient.open(gateway);
      const seen = async (server: string): Promise<string> =>
        (await staying.request('tools/call', `{"name":"${server}__seen","arguments":{}}`)).toString();
      await leaving.request('resources/subscribe', '{"uri":"x://a"}');
      await leaving.request('resources/subscribe', '{"uri":"x://b"}');
      await leaving.request('resources/unsubscribe', '{"uri":"x://b"}');
      await eventually(async () => (await seen('first')).includes('resources/unsubscribe:x://b'));
      await gateway.fetch('/mcp', { method: 'DELETE', headers: { 'mcp-session-id': leaving.session } });
      await eventually(async () => (await seen('first')).includes('resources/unsubscribe:x://a'));
    } finally {
      await gateway.stop();
    }
  });

  it('is no process, though it ends before its server has started', async () => {
    const { entry } = await matrixServer('legacy', 'stdio');
    const marker = `faults-${process.pid}`;
    const gateway = await startTestGateway({
      servers: { one: { ...entry, isolation: 'session', env: { MCP_TEST_MARKER: marker } } },
      unsettled: true,
    });
    try {
      const client = await RawClient.open(gateway);
      await gateway.fetch('/mcp', { method: 'DELETE', headers: { 'mcp-session-id': client.session } });
      await eventually(async () => (await fetch(`${gateway.base}/ready`)).ok);
      const other = await RawClient.open(gateway);
      await other.request('tools/call', '{"name":"one__echo","arguments":{"message":"x"}}');
      await eventually(() => processesWith(marker).length === 1);
    } finally {
      await gateway.stop();
    }
  });

  it('does not break the call of a client that shares a server with it', async () => {
    const { entry } = await matrixServer('legacy', 'stdio');
    const gateway = await startTestGateway({ servers: { one: { ...entry, prefix: 'never' } } });
    try {
      const asker = await legacyClient(gateway);
      await asker.call('roots');
      await asker.end();
      const leaving = await RawClient.open(gateway);
      await leaving.request('tools/call', '{"name":"echo","arguments":{"message":"x"}}');
      const staying = await RawClient.open(gateway);
      const waiting = staying.modernRequest(
        'tools/call',
        '{"name":"count","arguments":{"steps":1}}',
        'count',
      );
      await gateway.fetch('/mcp', { method: 'DELETE', headers: { 'mcp-session-id': leaving.session } });
      assert.match((await waiting).toString(), /"content"/);
    } finally {
      await gateway.stop();
    }
  });

  it('cannot resume a stream that was removed', async () => {
    const gateway = await startTestGateway({ servers: { one: ownServer('faulty') } });
    try {
      const client = await RawClient.open(gateway);
      const headers = { 'mcp-session-id': client.session, accept: 'text/event-stream' };
      const reply = await gateway.fetch('/mcp', { headers: { ...headers, 'last-event-id': '77_1' } });
      assert.equal(reply.status, 400);
    } finally {
      await gateway.stop();
    }
  });
});
