import assert from 'node:assert/strict';
import { eventually } from '../support/eventually';
import { startTestGateway, type TestGateway } from '../support/gateway';
import { RawClient } from '../support/raw-client';
import { counted, inParallel, patience, quantiles, soakServer, tell } from './soak';

const names = ['a', 'b', 'c', 'd'];

interface Cancelled {
  tag: string | null;
  at: number;
}

describe('a cancel under load', () => {
  const runs = counted(1000);
  let gateway: TestGateway;
  let client: RawClient;

  before(async () => {
    gateway = await startTestGateway({
      servers: Object.fromEntries(names.map((name) => [name, soakServer(name)])),
    });
    client = await RawClient.open(gateway);
  });
  after(async () => gateway.stop());

  async function cancelledAt(server: string): Promise<Cancelled[]> {
    const answer = await client.request('tools/call', `{"name":"${server}__cancelled","arguments":{}}`);
    const { result } = JSON.parse(answer.toString()) as { result: { content: [{ text: string }] } };
    return JSON.parse(result.content[0].text) as Cancelled[];
  }

  /** Calls, waits until the server has begun, cancels, and returns when the cancel was sent. */
  async function cancelOne(i: number): Promise<number> {
    const id = 1_000_000 + i;
    const params = {
      name: `${names[i % names.length]}__wait`,
      arguments: { tag: `tag-${i}` },
      _meta: { progressToken: id },
    };
    const call = await client.post(JSON.stringify({ jsonrpc: '2.0', id, method: 'tools/call', params }));
    const reader = call.body?.getReader();
    let text = '';
    while (!text.includes('notifications/progress'))
      text += Buffer.from((await reader?.read())?.value ?? []).toString();
    const sent = performance.timeOrigin + performance.now();
    const cancel = { jsonrpc: '2.0', method: 'notifications/cancelled', params: { requestId: id } };
    await (await client.post(JSON.stringify(cancel))).text();
    for (let chunk = await reader?.read(); chunk && !chunk.done; chunk = await reader?.read())
      text += Buffer.from(chunk.value).toString();
    assert.match(text, /The client cancelled the request/);
    return sent;
  }

  it(`reaches the one server that it is for and no other, ${runs} times`, async () => {
    let loading = true;
    const load = Array.from({ length: 8 }, async (_unused, at) => {
      while (loading)
        await client.request('tools/call', `{"name":"${names[at % names.length]}__ping","arguments":{}}`);
    });
    const sent = new Map<string, number>();
    await inParallel(runs, 4, async (i) => void sent.set(`tag-${i}`, await cancelOne(i)));
    loading = false;
    await Promise.all(load);
    const times: number[] = [];
    for (const [at, name] of names.entries()) {
      const mine = [...sent.keys()].filter((tag) => Number(tag.slice(4)) % names.length === at);
      const seen: Cancelled[] = [];
      await eventually(async () => {
        seen.push(...(await cancelledAt(name)));
        return seen.length >= mine.length;
      });
      assert.deepEqual(seen.map(({ tag }) => tag).sort(), mine.sort());
      times.push(...seen.map((one) => one.at - (sent.get(one.tag ?? '') ?? NaN)));
    }
    tell(`from sending a cancel to the server that reads it: ${quantiles(times)}`);
  }).timeout(patience(runs, 200));
});
