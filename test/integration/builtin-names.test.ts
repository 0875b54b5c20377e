import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { eventually } from '../support/eventually';
import { startTestGateway, type TestGateway } from '../support/gateway';
import { ListedServer, tool } from '../support/listed-server';
import { RawClient } from '../support/raw-client';

interface Named {
  result: { tools?: { name: string }[]; resources?: { uri: string }[] };
}

describe('the names behind a gateway of several servers', () => {
  const odd = 'größe ändern';
  let one: ListedServer;
  let two: ListedServer;
  let gateway: TestGateway;
  const names = async (endPoint = '/mcp'): Promise<string[]> => {
    const client = await RawClient.open(gateway, endPoint);
    const answer = JSON.parse((await client.request('tools/list', '{}')).toString()) as Named;
    return (answer.result.tools ?? []).map(({ name }) => name);
  };
  const problems = async (): Promise<string[]> => {
    const document = (await (await gateway.fetch('/api/servers')).json()) as {
      problems: { message: string }[];
    };
    return document.problems.map(({ message }) => message);
  };
  const write = async (servers: object, settings: object = {}): Promise<void> =>
    writeFile(path.join(gateway.folder, 'servers.json'), JSON.stringify({ servers, gateway: settings }));

  before(async () => {
    const resources = [{ uri: 'ui://panel', name: 'panel' }];
    one = await ListedServer.make({ tools: [tool('search'), tool('who'), tool(odd)], resources });
    two = await ListedServer.make({ tools: [tool('search')], resources });
    gateway = await startTestGateway({ servers: { one: one.entry } });
  });
  after(async () => {
    await gateway.stop();
    await Promise.all([one.remove(), two.remove()]);
  });

  it('are not changed by another server, and neither are URIs; a clash of these is reported and costs nothing', async () => {
    const before = await names();
    await write({ two: two.entry, one: one.entry });
    await eventually(async () => (await names()).includes('two__search'));
    assert.deepEqual(
      (await names()).filter((name) => name.startsWith('one__')),
      before,
    );
    assert.deepEqual(await problems(), [
      'The resource "ui://panel" of the server "one" is hidden, because the server "two" has one with the same name.',
    ]);
    const client = await RawClient.open(gateway);
    const list = JSON.parse((await client.request('resources/list', '{}')).toString()) as Named;
    assert.deepEqual(
      list.result.resources?.map(({ uri }) => uri),
      ['ui://panel'],
    );
  });

  it('are the servers’ own at the end point of one server, and lead to the same tools', async () => {
    assert.deepEqual(await names('/servers/one/mcp'), ['search', 'who', odd]);
    const client = await RawClient.open(gateway, '/servers/one/mcp');
    const params = JSON.stringify({ name: odd, arguments: {} });
    assert.match((await client.request('tools/call', params)).toString(), new RegExp(`${odd} by`));
    const alias = (await names()).find((name) => name.startsWith('one__gr'));
    const all = await RawClient.open(gateway);
    const called = await all.request('tools/call', JSON.stringify({ name: alias, arguments: {} }));
    assert.match(called.toString(), new RegExp(`${odd} by`));
  });

  it('go without a prefix where the file says so, for one server or for all; a clash hides the later one and says so', async () => {
    await write({ one: { ...one.entry, prefix: 'never' }, two: two.entry });
    await eventually(async () => (await names()).includes('who'));
    assert.deepEqual(
      (await names()).filter((name) => !name.startsWith('gr')),
      ['search', 'who', 'two__search'],
    );
    await write({ one: one.entry, two: two.entry }, { prefix: 'never' });
    await eventually(async () => !(await names()).includes('two__search'));
    assert.ok((await names()).includes('search'));
    const clash =
      'The tool "search" of the server "two" is hidden, because the server "one" has one with the same name.';
    assert.ok((await problems()).includes(clash));
    assert.ok(gateway.stderr().includes(JSON.stringify(clash).slice(1, -1)));
    await write({ one: one.entry, two: { ...two.entry, prefix: 'always' } }, { prefix: 'never' });
    await eventually(async () => (await names()).includes('two__search'));
    assert.ok(!(await problems()).includes(clash));
  });
});
