import assert from 'node:assert/strict';
import { readdir, stat, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { eventually } from '../support/eventually';
import { startTestGateway, type TestGateway } from '../support/gateway';
import { ListedServer, tool } from '../support/listed-server';
import { RawClient } from '../support/raw-client';
import { openStream } from '../support/stream';

const lists = {
  tools: [tool('first', { title: 'Größe  ☃' }), tool('second')],
  prompts: [{ name: 'ask' }],
  resources: [{ uri: 'a://1', name: 'one' }],
  resourceTemplates: [{ uriTemplate: 'a://{id}', name: 'any' }],
};
const methods = ['tools/list', 'prompts/list', 'resources/list', 'resources/templates/list'];

async function listsOf(gateway: TestGateway): Promise<string[]> {
  const client = await RawClient.open(gateway);
  const answers: string[] = [];
  for (const method of methods) answers.push((await client.request(method, '{}')).toString());
  return answers.map((answer) => answer.replace(/"id":\d+/, ''));
}

interface Server {
  state: string;
  pid: number | null;
}

async function serverOf(gateway: TestGateway): Promise<Server | undefined> {
  const { servers } = (await (await gateway.fetch('/api/servers')).json()) as { servers: Server[] };
  return servers[0];
}

describe('the catalogue of the last run', () => {
  let server: ListedServer;
  let gateway: TestGateway;
  const start = async (extra: object = {}, options: object = {}): Promise<TestGateway> => {
    gateway = await startTestGateway({
      servers: { s: { ...server.entry, ...extra } },
      args: ['--state', server.state],
      ...options,
    });
    return gateway;
  };

  beforeEach(async () => (server = await ListedServer.make(lists)));
  afterEach(async () => {
    await gateway.stop();
    await server.remove();
  });

  it('answers every list byte for byte before the server is up, and introduces it', async () => {
    const truth = await listsOf(await start());
    await gateway.stop();
    await server.hang();
    await start({}, { unsettled: true });
    assert.deepEqual(await listsOf(gateway), truth);
    assert.equal((await serverOf(gateway))?.state, 'starting');
    await server.resume();
    await eventually(async () => (await serverOf(gateway))?.state === 'ready');
  });

  it('is corrected when the lists of the server differ: clients get one notification for each kind of list', async () => {
    await start();
    await gateway.stop();
    await server.write({
      tools: [tool('third')],
      prompts: [{ name: 'tell' }],
      resources: [{ uri: 'b://1', name: 'one' }],
      resourceTemplates: [{ uriTemplate: 'b://{id}', name: 'any' }],
    });
    await server.hang();
    await start({}, { unsettled: true });
    const client = await RawClient.open(gateway);
    const stream = await openStream(gateway, '/mcp', { 'mcp-session-id': client.session });
    await server.resume();
    await eventually(async () => (await serverOf(gateway))?.state === 'ready');
    await eventually(() => stream.text().split('list_changed').length > 3);
    const told = [...stream.text().matchAll(/notifications\/(\w+)\/list_changed/g)].map(([, kind]) => kind);
    assert.deepEqual(told.sort(), ['prompts', 'resources', 'tools']);
    assert.match((await listsOf(gateway)).join('\n'), /s__third.*\n.*s__tell.*\n.*b:\/\/1.*\n.*b:\/\/\{id\}/);
    stream.close();
  });

  it('is not for a server whose definition makes another process, and is for one that only shows less', async () => {
    await start();
    await gateway.stop();
    await server.hang();
    await start({ disabledTools: ['first'], description: 'Another.' }, { unsettled: true });
    const [tools = ''] = await listsOf(gateway);
    assert.match(tools, /s__second/);
    assert.doesNotMatch(tools, /s__first/);
    await gateway.stop();
    await server.resume();
    await server.write({ tools: [tool('other')] });
    await start({ env: { A: '1' } });
    assert.match((await listsOf(gateway))[0] ?? '', /"tools":\[\{"name":"s__other"[^\]]*\]/);
  });

  it('lies in files that only their owner can read; one that is damaged is reported and as good as none', async () => {
    const truth = await listsOf(await start());
    await gateway.stop();
    const folder = path.join(server.state, 'catalogue');
    const [file = ''] = await readdir(folder);
    assert.equal((await stat(path.join(folder, file))).mode & 0o777, 0o600);
    await writeFile(path.join(folder, file), '{"version":1,"name":"s"\n');
    await start();
    assert.deepEqual(await listsOf(gateway), truth);
    assert.match(gateway.stderr(), /The catalogue of \\"s\\" in .* cannot be used/);
  });
});

describe('a server that hangs', () => {
  it('keeps the first list waiting while it may still come, and no list after that', async () => {
    const [good, hung] = [await ListedServer.make(lists), await ListedServer.make(lists)];
    await hung.hang();
    const gateway = await startTestGateway({
      servers: { good: good.entry, hung: hung.entry },
      unsettled: true,
    });
    const began = performance.now();
    await listsOf(gateway);
    const first = performance.now() - began;
    const [tools = ''] = await listsOf(gateway);
    assert.ok(performance.now() - began - first < first / 2, 'the lists waited for the server again');
    assert.match(tools, /good__first/);
    assert.doesNotMatch(tools, /hung__/);
    await gateway.stop();
    await Promise.all([good.remove(), hung.remove()]);
  });
});
