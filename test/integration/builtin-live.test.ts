import assert from 'node:assert/strict';
import { mkdir, mkdtemp, rename, rm, symlink, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { eventually } from '../support/eventually';
import { ownServer, startTestGateway, type TestGateway } from '../support/gateway';
import { pidOf, serversView } from '../support/gateway-servers';
import { RawClient } from '../support/raw-client';

const entry = { ...ownServer('nasty', 'good') };
const described = (description: string): string =>
  JSON.stringify({ servers: { s: { ...entry, description } } });

/** How a change of the file can come about: makes the file that the gateway is told of, and writes it. */
const ways: readonly {
  way: string;
  make: (file: string) => Promise<void>;
  write: (file: string, text: string) => Promise<void>;
}[] = [
  { way: 'written in place', make: async (file) => writeFile(file, described('at first')), write: writeFile },
  {
    way: 'replaced by rename',
    make: async (file) => writeFile(file, described('at first')),
    write: async (file, text) => {
      await writeFile(`${file}.new`, text);
      await rename(`${file}.new`, file);
    },
  },
  {
    way: 'written where no watch event tells of it',
    make: async (file) => {
      // The watch is on the folder of the link.
      const elsewhere = path.join(path.dirname(file), 'elsewhere');
      await mkdir(elsewhere);
      await writeFile(path.join(elsewhere, 'servers.json'), described('at first'));
      await symlink(path.join(elsewhere, 'servers.json'), file);
    },
    write: writeFile,
  },
];

describe('a change of the servers file', () => {
  let gateway: TestGateway;
  afterEach(async () => gateway.stop());
  const descriptionOf = async (): Promise<string | null | undefined> =>
    (await serversView(gateway)).servers[0]?.description;

  for (const { way, make, write } of ways) {
    it(`applies when it is ${way}`, async () => {
      const folder = await mkdtemp(path.join(os.tmpdir(), 'mcp-live-'));
      const file = path.join(folder, 'servers.json');
      await make(file);
      gateway = await startTestGateway({ servers: {}, args: ['--servers', file] });
      assert.equal(await descriptionOf(), 'at first');
      await write(file, described('and then'));
      await eventually(async () => (await descriptionOf()) === 'and then');
      await rm(folder, { recursive: true });
    });
  }

  it('leaves the process alone unless the process itself would be another one', async () => {
    gateway = await startTestGateway({ servers: { s: entry } });
    const file = path.join(gateway.folder, 'servers.json');
    const tools = async (): Promise<string> =>
      (await (await RawClient.open(gateway)).request('tools/list', '{}')).toString();
    const before = await pidOf(gateway, 's');
    const settings = {
      description: 'changed',
      timeoutSeconds: 7,
      rateLimit: { perMinute: 600 },
      idleSeconds: 3600,
    };
    const write = async (extra: object): Promise<void> =>
      writeFile(file, JSON.stringify({ servers: { s: { ...entry, ...settings, ...extra } } }));
    await write({ tools: ['ping', 'crash'], disabledTools: ['crash'] });
    await eventually(async () => (await descriptionOf()) === 'changed');
    assert.match(await tools(), /\[\{"name":"s__ping"[^\]]*\}\]/);
    assert.equal(await pidOf(gateway, 's'), before);
    await write({ enabled: false });
    await eventually(async () => (await serversView(gateway)).servers[0]?.state === 'disabled');
    assert.match(await tools(), /"tools":\[\]/);
    await write({ enabled: true });
    await eventually(async () => (await pidOf(gateway, 's')) !== undefined);
    const enabled = await pidOf(gateway, 's');
    assert.match(await tools(), /s__ping.*s__crash/);
    await write({ env: { A: '1' } });
    await eventually(async () => ![undefined, enabled].includes(await pidOf(gateway, 's')));
  });
});

describe('the secrets of the gateway', () => {
  it('reach the servers that refer to them, restart those when they change, and stay out of the log', async () => {
    const gateway = await startTestGateway({
      servers: {
        uses: { ...ownServer('nasty', 'good', '${TEST_SECRET}') },
        not: { ...ownServer('nasty', 'good', 'plain') },
      },
    });
    const failed = (await serversView(gateway)).servers[0];
    assert.equal(failed?.state, 'failed');
    const plain = await pidOf(gateway, 'not');
    const client = await RawClient.open(gateway);
    const said = async (): Promise<string> =>
      (await client.request('tools/call', '{"name":"uses__ping","arguments":{}}')).toString();
    const file = path.join(gateway.folder, 'state', 'secrets.env');
    await writeFile(file, '# secrets\nTEST_SECRET="first value"\nno assignment\n', { mode: 0o600 });
    await eventually(async () => (await said()).includes('ping of first value'));
    await writeFile(file, 'TEST_SECRET=second-value\n');
    await eventually(async () => (await said()).includes('ping of second-value'));
    assert.equal(await pidOf(gateway, 'not'), plain);
    assert.match(gateway.stderr(), /secrets\.env:3: This line does not have the form NAME=value/);
    assert.doesNotMatch(gateway.stderr(), /second-value/);
    await gateway.stop();
  });
});
