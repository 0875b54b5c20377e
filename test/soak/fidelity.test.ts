import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { argumentCorpus, resultCorpus } from '../support/corpus';
import { ownServer, startTestGateway, type TestGateway } from '../support/gateway';
import { RawClient } from '../support/raw-client';
import { counted, patience, tell } from './soak';
import { StandIn } from './stand-in';

/** One upstream: sets what the next call is answered with, and tells what the last call was. */
interface Upstream {
  gateway: TestGateway;
  tool: { result: string; args: string };
  arguments(file: string): string;
  prepare(result: string): Promise<void>;
  lastCall(): Promise<Buffer>;
  stop(): Promise<void>;
}

async function overHttp(modern: boolean): Promise<Upstream> {
  const standIn = await StandIn.start(modern);
  const gateway = await startTestGateway({ servers: { raw: { type: 'http', url: standIn.endpoint.url } } });
  return {
    gateway,
    tool: { result: 'raw__raw', args: 'raw__raw' },
    arguments: () => '{}',
    prepare: (result) => Promise.resolve(void (standIn.result = result)),
    lastCall: () => Promise.resolve(standIn.lastCall),
    stop: async () => {
      await gateway.stop();
      await standIn.endpoint.stop();
    },
  };
}

async function overStdio(era: 'legacy' | 'modern'): Promise<Upstream> {
  const folder = await mkdtemp(path.join(os.tmpdir(), 'mcp-soak-fidelity-'));
  const [result, record] = [path.join(folder, 'result'), path.join(folder, 'record')];
  const gateway = await startTestGateway({ servers: { raw: ownServer('raw', record, era) } });
  return {
    gateway,
    tool: { result: 'raw__raw', args: 'raw__record' },
    arguments: () => JSON.stringify({ file: result }),
    prepare: async (text) => {
      await rm(record, { force: true });
      await writeFile(result, text);
    },
    lastCall: async () => await readFile(record),
    stop: async () => {
      await gateway.stop();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

const upstreams: readonly [string, () => Promise<Upstream>, number, boolean][] = [
  ['a server on standard input and output', async () => await overStdio('legacy'), 21, false],
  ['a server of 2026-07-28 on standard input and output', async () => await overStdio('modern'), 24, true],
  ['a server over HTTP', async () => await overHttp(false), 22, false],
  ['a server of 2026-07-28 over HTTP', async () => await overHttp(true), 23, true],
];

describe('what passes through the gateway', () => {
  const count = counted(1000);
  const passed = new Set<string>();
  /** In pairs, so that what alternates in the corpus meets both. */
  const eraOf = (i: number): 'legacy' | 'modern' => (i % 4 < 2 ? 'legacy' : 'modern');
  after(() => tell(`${passed.size} distinct messages`));
  for (const [what, open, seed, modern] of upstreams) {
    describe(`to and from ${what}`, () => {
      let upstream: Upstream;
      let client: RawClient;
      before(async () => {
        upstream = await open();
        client = await RawClient.open(upstream.gateway);
      });
      after(async () => upstream.stop());

      const send = async (era: 'legacy' | 'modern', tool: string, args: string): Promise<Buffer> => {
        const params = `{"name":"${tool}","arguments":${args}}`;
        return era === 'legacy'
          ? await client.request('tools/call', params)
          : await client.modernRequest('tools/call', params, tool);
      };

      it(`is byte for byte what the server sent, in ${count} results to clients of both eras`, async () => {
        for (const [i, made] of resultCorpus(count, seed).entries()) {
          const result = modern ? made.replace('{', '{"resultType":"complete",') : made;
          await upstream.prepare(result);
          const era = eraOf(i);
          const answer = await send(era, upstream.tool.result, upstream.arguments(result));
          const added =
            era === 'modern' && !modern ? result.replace('{', '{"resultType":"complete",') : result;
          const wanted = `{"jsonrpc":"2.0","id":${client.lastId},"result":${added}}`;
          assert.ok(answer.equals(Buffer.from(wanted)), `result ${i} to a ${era} client`);
          passed.add(made);
        }
      }).timeout(patience(count, 100));

      it(`is byte for byte what the client sent, in ${count} objects of arguments of clients of both eras`, async () => {
        for (const [i, args] of argumentCorpus(count, seed).entries()) {
          await upstream.prepare(modern ? '{"resultType":"complete","content":[]}' : '{"content":[]}');
          const era = eraOf(i);
          await send(era, upstream.tool.args, args);
          const call = await upstream.lastCall();
          assert.ok(call.includes(`"arguments":${args}`), `arguments ${i} of a ${era} client`);
          passed.add(args);
        }
      }).timeout(patience(count, 100));
    });
  }
});
