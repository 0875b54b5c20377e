import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { eventually } from '../support/eventually';
import { ownServer, startTestGateway, type TestGateway } from '../support/gateway';
import { pidOf } from '../support/gateway-servers';
import { RawClient } from '../support/raw-client';

const literal = randomBytes(20_000).toString('hex');
const stored = randomBytes(32_768).toString('hex');

describe('redaction with large secrets', () => {
  let gateway: TestGateway;

  afterEach(async () => gateway.stop());

  const audit = async (): Promise<string> =>
    await readFile(path.join(gateway.folder, 'state/audit/audit.jsonl'), 'utf8');
  const put = async (name: string, value: string): Promise<Response> => {
    const admin = (await readFile(path.join(gateway.folder, 'state/admin-token'), 'utf8')).trim();
    const headers = { authorization: `Bearer ${admin}` };
    return await gateway.fetch(`/api/secrets/${name}`, { method: 'PUT', headers, body: value });
  };

  it('serves calls, with a secret of 64 KiB and a literal of 40 KB that appears while it runs', async () => {
    gateway = await startTestGateway({ servers: { one: ownServer('nasty', 'good') } });
    assert.equal((await put('LARGE', stored)).status, 204);
    const env = { API_KEY: literal };
    const servers = { one: ownServer('nasty', 'good'), two: { ...ownServer('nasty', 'good'), env } };
    await writeFile(path.join(gateway.folder, 'servers.json'), JSON.stringify({ servers }));
    await eventually(async () => {
      const { servers: all } = (await (await gateway.fetch('/api/servers')).json()) as {
        servers: { state: string }[];
      };
      return all.length === 2 && all.every(({ state }) => state === 'ready');
    }, 'the second server');
    const client = await RawClient.open(gateway);
    for (const secret of [stored, literal, stored.slice(1000, 1040)])
      await client.request('tools/call', JSON.stringify({ name: 'one__ping', arguments: { [secret]: 1 } }));
    const text = await audit();
    assert.equal(text.split('"shape":{"<redacted>":"number"}').length, 4, text.slice(0, 2000));
  });

  it('knows the password of a proxy, which no server gets', async () => {
    const env = {
      HTTPS_PROXY: 'http://someone:proxy-passw0rd@127.0.0.1:9',
      UV_PUBLISH_TOKEN: 'a-token',
      TERM: 'vt100',
    };
    gateway = await startTestGateway({ servers: { one: ownServer('nasty', 'good') }, env });
    const client = await RawClient.open(gateway);
    const name = 'proxy-passw0rd';
    await client.request('tools/call', JSON.stringify({ name: 'one__ping', arguments: { [name]: 1 } }));
    assert.ok((await audit()).includes('"shape":{"<redacted>":"number"}'));
    assert.match(gateway.stderr(), /Servers do not get HTTPS_PROXY/);
    if (process.platform !== 'linux') return;
    const pid = await pidOf(gateway, 'one');
    const given = (await readFile(`/proc/${pid ?? 0}/environ`, 'utf8')).split('\0');
    assert.ok(given.includes('TERM=vt100'));
    assert.deepEqual(
      given.filter((variable) => /^(?:HTTPS_PROXY|UV_PUBLISH_TOKEN)=/.test(variable)),
      [],
    );
  });

  it('registers no value that was refused', async () => {
    gateway = await startTestGateway({ servers: { one: ownServer('nasty', 'good') } });
    const value = 'a-value-that-is-refused';
    assert.equal((await put('1ST', value)).status, 400);
    assert.equal((await put('A', `${value}\n`)).status, 400);
    const client = await RawClient.open(gateway);
    await client.request('tools/call', JSON.stringify({ name: 'one__ping', arguments: { [value]: 1 } }));
    assert.ok((await audit()).includes(`"shape":{"${value}":"number"}`));
  });
});
