import assert from 'node:assert/strict';
import { readdir, readFile, stat, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { eventually } from '../support/eventually';
import { ownServer, startTestGateway, type TestGateway } from '../support/gateway';
import { pidOf, serversView } from '../support/gateway-servers';
import { RawClient } from '../support/raw-client';

const value = ' "a long" $ecret\\value #1 ';

describe('secrets through the API', () => {
  let gateway: TestGateway;
  let admin: string;
  const send = async (method: string, name: string, body?: string | Buffer): Promise<Response> =>
    await gateway.fetch(`/api/secrets${name}`, {
      method,
      headers: { authorization: `Bearer ${admin}` },
      ...(body === undefined ? {} : { body }),
    });
  const file = (): string => path.join(gateway.folder, 'state', 'secrets.env');

  beforeEach(async () => {
    gateway = await startTestGateway({
      servers: {
        uses: ownServer('nasty', 'good', '${API_KEY}'),
        also: ownServer('nasty', 'good', '${API_KEY}', '${OTHER:-default}'),
        off: { ...ownServer('nasty', 'good', '${UNUSED}'), enabled: false },
        not: ownServer('nasty', 'good', 'plain'),
      },
    });
    admin = (await readFile(path.join(gateway.folder, 'state/admin-token'), 'utf8')).trim();
  });
  afterEach(async () => gateway.stop());

  it('start the servers that lacked them, are listed by name alone, and stay out of every text', async () => {
    assert.deepEqual(await (await send('GET', '')).json(), {
      secrets: [],
      missing: [{ name: 'API_KEY', servers: ['uses', 'also'] }],
    });
    const plain = await pidOf(gateway, 'not');
    const set = await send('PUT', '/API_KEY', value);
    assert.equal(set.status, 204);
    await eventually(async () => (await pidOf(gateway, 'uses')) !== undefined, 'uses being ready');
    await eventually(async () => (await pidOf(gateway, 'also')) !== undefined, 'also being ready');
    const client = await RawClient.open(gateway);
    const said = await client.request('tools/call', '{"name":"uses__ping","arguments":{}}');
    assert.ok(said.toString().includes(JSON.stringify(`ping of ${value}`).slice(1, -1)));
    assert.equal(await pidOf(gateway, 'not'), plain);
    const names = await send('GET', '');
    assert.deepEqual(await names.json(), { secrets: ['API_KEY'], missing: [] });
    const told = ['servers', 'calls', 'tools', 'logs/gateway?tail=500', 'logs/uses?tail=500'];
    const texts = await Promise.all(told.map(async (where) => (await gateway.fetch(`/api/${where}`)).text()));
    const state = path.join(gateway.folder, 'state');
    for (const entry of await readdir(state, { recursive: true, withFileTypes: true }))
      if (entry.isFile() && entry.name !== 'secrets.env')
        texts.push(await readFile(path.join(entry.parentPath, entry.name), 'utf8'));
    for (const text of [...texts, gateway.stderr()]) assert.doesNotMatch(text, /ecret\\+value/);
  });

  it('are kept in a file that only the owner can read, beside the other content of the file', async () => {
    await writeFile(file(), '# mine\r\nexport API_KEY=old\nLAST=1\nno assignment\n');
    await eventually(async () => (await pidOf(gateway, 'uses')) !== undefined);
    assert.equal((await send('PUT', '/API_KEY', 'new-value')).status, 204);
    assert.equal((await send('PUT', '/MORE', 'more-value')).status, 204);
    const kept = '# mine\r\nAPI_KEY=new-value\nLAST=1\nno assignment\n';
    assert.equal(await readFile(file(), 'utf8'), `${kept}MORE=more-value\n`);
    if (process.platform !== 'win32') assert.equal((await stat(file())).mode & 0o777, 0o600);
    assert.equal((await send('DELETE', '/MORE')).status, 204);
    assert.equal(await readFile(file(), 'utf8'), kept);
    assert.equal((await send('DELETE', '/MORE')).status, 404);
    assert.equal((await send('DELETE', '/API_KEY')).status, 204);
    await eventually(async () => (await serversView(gateway)).servers[0]?.state === 'failed');
  });

  it('set at the same time are all kept', async () => {
    const names = Array.from({ length: 20 }, (_, i) => `NAME_${i}`);
    await Promise.all(names.map(async (name) => send('PUT', `/${name}`, `value of ${name}`)));
    const { secrets } = (await (await send('GET', '')).json()) as { secrets: string[] };
    assert.deepEqual([...secrets].sort(), [...names].sort());
  });

  it('take the admin token, and no other', async () => {
    assert.equal((await gateway.fetch('/api/secrets')).status, 403);
    for (const method of ['PUT', 'DELETE'])
      assert.equal((await gateway.fetch('/api/secrets/API_KEY', { method })).status, 403);
  });

  const refused: readonly [what: string, name: string, body: string | Buffer, status: number][] = [
    ['a name that is none', '/1ST', 'value', 400],
    ['a name with a line break', '/A%0AB', 'value', 400],
    ['a value with a line break', '/A', 'one\nB=two', 400],
    ['a value with a line break of Unicode', '/A', 'one\u2028B=two', 400],
    ['a value with a NUL', '/A', 'one\0two', 400],
    ['an empty value', '/A', '', 400],
    ['bytes that are not UTF-8', '/A', Buffer.from([0xff, 0xfe]), 400],
    ['a value that is too large', '/A', 'x'.repeat(65 * 1024), 413],
  ];
  it('are refused where they could not be kept as they are', async () => {
    for (const [what, name, body, status] of refused) {
      const response = await send('PUT', name, body);
      assert.equal(response.status, status, what);
      assert.doesNotMatch(await response.text(), /two/, what);
    }
    await assert.rejects(stat(file()), /ENOENT/);
  });
});
