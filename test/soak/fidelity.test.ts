import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { argumentCorpus, resultCorpus } from '../support/corpus';
import { ownServer, startTestGateway } from '../support/gateway';
import { RawClient } from '../support/raw-client';
import { LineGateway } from './line-gateway';
import { counted, patience, tell } from './soak';
import { StandIn } from './stand-in';

/** One upstream: sets what the next call is answered with, and tells what the last call was. */
interface Upstream {
  servers: Record<string, unknown>;
  tool: { result: string; args: string };
  arguments(file: string): string;
  prepare(result: string): Promise<void>;
  lastCall(): Promise<Buffer>;
  stop(): Promise<void>;
}

async function overHttp(modern: boolean): Promise<Upstream> {
  const standIn = await StandIn.start(modern);
  return {
    servers: { raw: { type: 'http', url: standIn.endpoint.url } },
    tool: { result: 'raw__raw', args: 'raw__raw' },
    arguments: () => '{}',
    prepare: (result) => Promise.resolve(void (standIn.result = result)),
    lastCall: () => Promise.resolve(standIn.lastCall),
    stop: async () => standIn.endpoint.stop(),
  };
}

async function overStdio(era: 'legacy' | 'modern'): Promise<Upstream> {
  const folder = await mkdtemp(path.join(os.tmpdir(), 'mcp-soak-fidelity-'));
  const [result, record] = [path.join(folder, 'result'), path.join(folder, 'record')];
  return {
    servers: { raw: ownServer('raw', record, era) },
    tool: { result: 'raw__raw', args: 'raw__record' },
    arguments: () => JSON.stringify({ file: result }),
    prepare: async (text) => {
      await rm(record, { force: true });
      await writeFile(result, text);
    },
    lastCall: async () => await readFile(record),
    stop: async () => rm(folder, { recursive: true, force: true }),
  };
}

const upstreams: readonly [string, () => Promise<Upstream>, boolean][] = [
  ['a server on standard input and output', async () => await overStdio('legacy'), false],
  ['a server of 2026-07-28 on standard input and output', async () => await overStdio('modern'), true],
  ['a server over HTTP', async () => await overHttp(false), false],
  ['a server of 2026-07-28 over HTTP', async () => await overHttp(true), true],
];

/** One client before a gateway of its own. */
interface Client {
  readonly lastId: number;
  request(method: string, params: string): Promise<Buffer>;
  modernRequest(method: string, params: string, name: string): Promise<Buffer>;
}

const clients: readonly [string, (servers: Record<string, unknown>) => Promise<[Client, Stoppable]>][] = [
  [
    'clients over HTTP',
    async (servers) => {
      const gateway = await startTestGateway({ servers });
      return [await RawClient.open(gateway), gateway];
    },
  ],
  [
    'a client on standard input and output',
    async (servers) => {
      const gateway = await LineGateway.start(servers);
      return [gateway, gateway];
    },
  ],
];

interface Stoppable {
  stop(): Promise<void>;
}

describe('what passes through the gateway', () => {
  const count = counted(1000);
  const passed = new Set<string>();
  /** In pairs, so that what alternates in the corpus meets both. */
  const eraOf = (i: number): 'legacy' | 'modern' => (i % 4 < 2 ? 'legacy' : 'modern');
  after(() => tell(`${passed.size} distinct messages`));
  const pairs = upstreams.flatMap((upstream) => clients.map((client) => [...upstream, ...client] as const));
  for (const [i, [server, open, modern, who, connect]] of pairs.entries()) {
    describe(`between ${who} and ${server}`, () => {
      const seed = 21 + i;
      let upstream: Upstream;
      let client: Client;
      let gateway: Stoppable;
      before(async () => {
        upstream = await open();
        [client, gateway] = await connect(upstream.servers);
      });
      after(async () => {
        await gateway.stop();
        await upstream.stop();
      });

      const send = async (era: 'legacy' | 'modern', tool: string, args: string): Promise<Buffer> => {
        const params = `{"name":"${tool}","arguments":${args}}`;
        return era === 'legacy'
          ? await client.request('tools/call', params)
          : await client.modernRequest('tools/call', params, tool);
      };

      it(`is byte for byte what the server sent, in ${count} results to clients of both eras`, async () => {
        for (const [at, made] of resultCorpus(count, seed).entries()) {
          const result = modern ? made.replace('{', '{"resultType":"complete",') : made;
          await upstream.prepare(result);
          const era = eraOf(at);
          const answer = await send(era, upstream.tool.result, upstream.arguments(result));
          const added =
            era === 'modern' && !modern ? result.replace('{', '{"resultType":"complete",') : result;
          const wanted = `{"jsonrpc":"2.0","id":${client.lastId},"result":${added}}`;
          assert.ok(answer.equals(Buffer.from(wanted)), `result ${at} to a ${era} client`);
          passed.add(made);
        }
      }).timeout(patience(count, 100));

      it(`is byte for byte what the client sent, in ${count} objects of arguments of clients of both eras`, async () => {
        for (const [at, args] of argumentCorpus(count, seed).entries()) {
          await upstream.prepare(modern ? '{"resultType":"complete","content":[]}' : '{"content":[]}');
          const era = eraOf(at);
          await send(era, upstream.tool.args, args);
          const call = await upstream.lastCall();
          assert.ok(call.includes(`"arguments":${args}`), `arguments ${at} of a ${era} client`);
          passed.add(args);
        }
      }).timeout(patience(count, 100));
    });
  }
});
