import assert from 'node:assert/strict';
import { startTestGateway, type TestGateway } from '../support/gateway';
import { RawClient } from '../support/raw-client';
import { counted, inParallel, patience, soakServer, tell } from './soak';

interface Frame {
  id?: number;
  method?: string;
  params?: { progressToken: string; progress: number };
}

describe('progress', () => {
  const runs = counted(1000);
  let gateway: TestGateway;
  before(async () => {
    gateway = await startTestGateway({ servers: { one: soakServer(), two: soakServer() } });
  });
  after(async () => gateway.stop());

  it(`comes whole, in order and before the answer in ${runs} runs, eight at a time`, async () => {
    const client = await RawClient.open(gateway);
    let reports = 0;
    await inParallel(runs, 8, async (i) => {
      const [server, count, token] = [i % 2 === 0 ? 'one' : 'two', 1 + (i % 20), `token-${i}`];
      const params = { name: `${server}__progress`, arguments: { count }, _meta: { progressToken: token } };
      const body = JSON.stringify({ jsonrpc: '2.0', id: i, method: 'tools/call', params });
      const frames = (await (await client.post(body)).text())
        .split('\n')
        .filter((line) => line.startsWith('data: {'))
        .map((line) => JSON.parse(line.slice('data: '.length)) as Frame);
      const seen = frames.slice(0, -1).map(({ params: told }) => `${told?.progressToken} ${told?.progress}`);
      assert.deepEqual(
        seen,
        Array.from({ length: count }, (_unused, at) => `${token} ${at + 1}`),
      );
      assert.equal(frames.at(-1)?.id, i);
      reports += count;
    });
    tell(`${reports} reports of progress, none lost and none after its answer`);
  }).timeout(patience(runs, 100));
});
