import assert from 'node:assert/strict';
import { eventually } from '../support/eventually';
import { startTestGateway, type TestGateway } from '../support/gateway';
import { legacyClient, modernClient, type MatrixClient } from '../support/matrix-client';
import { matrixServer, type MatrixServer } from '../support/matrix-server';

const note = 'matrix://note';
const clients = { legacy: legacyClient, modern: modernClient };
const servers = [
  ['legacy', 'stdio'],
  ['legacy', 'http'],
  ['modern', 'stdio'],
  ['modern', 'http'],
] as const;

/** What has to work between every client and every server. */
const cells: readonly (readonly [string, (client: MatrixClient) => Promise<void>])[] = [
  [
    'tools',
    async (client) => {
      assert.ok((await client.toolNames()).includes('echo'));
      assert.equal(await client.call('echo', { message: 'hello' }), 'hello');
    },
  ],
  ['resources', async (client) => assert.match(await client.readText(note), /^the text of matrix:\/\/note$/)],
  ['templates', async (client) => assert.match(await client.readText('matrix://item/7'), /item\/7$/)],
  ['prompts', async (client) => assert.equal(await client.greeting('Ada'), 'Hello, Ada!')],
  ['completion', async (client) => assert.deepEqual(await client.completions('A'), ['A-first', 'A-second'])],
  [
    'progress',
    async (client) => {
      const steps: number[] = [];
      await client.call('count', { steps: 5 }, { onprogress: ({ progress }) => steps.push(progress) });
      assert.deepEqual(steps, [1, 2, 3, 4, 5]);
    },
  ],
  [
    'cancel',
    async (client) => {
      const before = Number(await client.call('cancelled'));
      const aborter = new AbortController();
      const waiting = client.call('wait', {}, { signal: aborter.signal });
      // The call after it is answered when it is under way.
      await client.call('echo', { message: 'x' });
      aborter.abort();
      await assert.rejects(waiting);
      await eventually(async () => Number(await client.call('cancelled')) === before + 1);
    },
  ],
  ['sampling', async (client) => assert.equal(await client.call('sample'), 'Because.')],
  ['elicitation', async (client) => assert.equal(await client.call('elicit'), 'accept green')],
  ['roots', async (client) => assert.equal(await client.call('roots'), 'file:///matrix')],
  [
    'logging',
    async (client) => {
      await client.wantLog();
      await client.call('log');
      await eventually(() => client.seen.log.includes('a line of the log'));
    },
  ],
  [
    'subscribe',
    async (client) => {
      await client.watch(note);
      await client.call('touch');
      await eventually(() => client.seen.updated.includes(note));
    },
  ],
  [
    'list_changed',
    async (client) => {
      const before = (await client.toolNames()).length;
      await client.watch(note);
      await client.call('grow');
      await eventually(() => client.seen.toolsChanged > 0);
      await eventually(async () => (await client.toolNames()).length === before + 1);
    },
  ],
];

for (const [serverEra, transport] of servers) {
  describe(`a ${serverEra} server over ${transport}, behind the gateway`, () => {
    let gateway: TestGateway;
    let server: MatrixServer;

    before(async () => {
      server = await matrixServer(serverEra, transport);
      gateway = await startTestGateway({ servers: { one: { ...server.entry, prefix: 'never' } } });
    });
    after(async () => {
      await gateway.stop();
      await server.stop();
    });

    for (const [clientEra, open] of Object.entries(clients)) {
      describe(`and a ${clientEra} client`, () => {
        let client: MatrixClient;
        beforeEach(async () => {
          client = await open(gateway);
        });
        afterEach(async () => client.close());
        for (const [name, check] of cells) it(name, async () => await check(client));
      });
    }
  });
}
