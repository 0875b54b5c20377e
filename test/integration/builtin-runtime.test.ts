import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { eventually } from '../support/eventually';
import { ownServer, startTestGateway, type TestGateway, type TestGatewayOptions } from '../support/gateway';
import { pidOf, serversView, type ServersView } from '../support/gateway-servers';
import { processesWith } from '../support/processes';
import { RawClient } from '../support/raw-client';
import { openStream } from '../support/stream';

const entry = ownServer('nasty', 'good');

describe('servers and tools, changed through the API', () => {
  let gateway: TestGateway;
  let state: string;
  const start = async (options: Partial<TestGatewayOptions> = {}): Promise<void> => {
    gateway = await startTestGateway({ servers: { s: entry }, args: ['--state', state], ...options });
  };
  /** With the admin token. */
  const send = async (method: string, where: string, body?: unknown): Promise<Response> => {
    const token = (await readFile(path.join(state, 'admin-token'), 'utf8')).trim();
    const init = { method, headers: { authorization: `Bearer ${token}` } };
    return await fetch(
      gateway.base + where,
      body === undefined ? init : { ...init, body: JSON.stringify(body) },
    );
  };
  const tools = async (): Promise<string[]> => {
    const client = await RawClient.open(gateway);
    const answer = JSON.parse((await client.request('tools/list', '{}')).toString()) as {
      result: { tools: { name: string }[] };
    };
    return answer.result.tools.map(({ name }) => name);
  };
  const server = async (name: string): Promise<ServersView['servers'][number] | undefined> =>
    (await serversView(gateway)).servers.find((one) => one.name === name);

  beforeEach(async () => {
    state = await mkdtemp(path.join(os.tmpdir(), 'mcp-runtime-'));
    await start();
  });
  afterEach(async () => {
    await gateway.stop();
    await rm(state, { recursive: true, force: true });
  });

  it('take the admin token, and no other', async () => {
    for (const where of ['/api/servers/s/disable', '/api/servers/s/tools/ping/disable', '/api/servers'])
      assert.equal((await gateway.fetch(where, { method: 'POST' })).status, 403);
    assert.equal((await gateway.fetch('/api/servers/s', { method: 'DELETE' })).status, 403);
    assert.equal((await send('POST', '/api/servers/none/disable')).status, 404);
    assert.equal((await send('POST', '/api/servers/s/tools/none/disable')).status, 404);
  });

  it('switch a server off and on; clients are notified, and a restart of the gateway changes nothing', async () => {
    const client = await RawClient.open(gateway);
    const stream = await openStream(gateway, '/mcp', { 'mcp-session-id': client.session });
    const pid = await pidOf(gateway, 's');
    assert.equal((await send('POST', '/api/servers/s/disable')).status, 200);
    await eventually(() => !processesWith('nasty').includes(pid ?? -1));
    await eventually(() => stream.text().includes('notifications/tools/list_changed'));
    assert.deepEqual(await tools(), []);
    stream.close();
    await gateway.stop();
    await start();
    assert.equal((await server('s'))?.state, 'disabled');
    assert.equal((await send('POST', '/api/servers/s/enable')).status, 200);
    await eventually(async () => (await tools()).includes('s__ping'));
  });

  it('switch one tool off and on, without a restart of its server', async () => {
    const pid = await pidOf(gateway, 's');
    assert.equal((await send('POST', '/api/servers/s/tools/crash/disable')).status, 200);
    assert.ok(!(await tools()).includes('s__crash'));
    const client = await RawClient.open(gateway);
    const called = await client.request('tools/call', '{"name":"s__crash","arguments":{}}');
    assert.match(called.toString(), /Unknown tool: s__crash/);
    assert.deepEqual((await server('s'))?.disabledTools, ['crash']);
    await send('POST', '/api/servers/s/tools/crash/enable');
    assert.ok((await tools()).includes('s__crash'));
    assert.equal(await pidOf(gateway, 's'), pid);
  });

  it('add a server that stays until it is removed; servers of the file cannot be removed here', async () => {
    const added = await send('POST', '/api/servers', { name: 'more', definition: entry });
    assert.equal(added.status, 201);
    assert.equal((await send('POST', '/api/servers', { name: 's', definition: entry })).status, 409);
    const wrong = await send('POST', '/api/servers', { name: 'x', definition: { command: 5 } });
    assert.equal(wrong.status, 400);
    assert.match(await wrong.text(), /servers\.x\.command/);
    await eventually(async () => (await tools()).includes('more__ping'));
    await gateway.stop();
    await start();
    await eventually(async () => (await pidOf(gateway, 'more')) !== undefined);
    assert.equal((await server('more'))?.source, 'runtime');
    assert.equal((await server('s'))?.source, 'file');
    assert.equal((await send('DELETE', '/api/servers/s')).status, 409);
    assert.equal((await send('DELETE', '/api/servers/more')).status, 204);
    assert.ok(!(await tools()).includes('more__ping'));
    assert.equal((await send('DELETE', '/api/servers/more')).status, 404);
  });

  it('come from MCP_SERVERS as well; where the file has the name, that one is used and the other reported', async () => {
    await gateway.stop();
    const environment = { s: { ...entry, description: 'of the environment' }, mine: entry };
    await start({ env: { MCP_SERVERS: JSON.stringify(environment) } });
    assert.equal((await server('mine'))?.source, 'environment');
    assert.equal((await server('s'))?.description, null);
    const [problem] = (await serversView(gateway)).problems;
    assert.match(
      problem?.message ?? '',
      /"s" from the variable MCP_SERVERS is not used, because the servers file has a server/,
    );
    await gateway.stop();
    await start({ env: { MCP_SERVERS: '{"servers":{"mine":' } });
    assert.ok((await tools()).includes('s__ping'));
    assert.match((await serversView(gateway)).problems[0]?.message ?? '', /MCP_SERVERS:1:/);
    assert.match(gateway.stderr(), /MCP_SERVERS:1:/);
  });
});
