import assert from 'node:assert/strict';
import { ownServer, startTestGateway, type TestGateway } from '../support/gateway';

const headers = { 'content-type': 'application/json', accept: 'application/json, text/event-stream' };

describe('several messages as one', () => {
  let gateway: TestGateway;
  before(async () => {
    gateway = await startTestGateway({ servers: { one: ownServer('faulty') } });
  });
  after(async () => gateway.stop());

  const post = async (body: string, more: Record<string, string> = {}): Promise<Response> =>
    await gateway.fetch('/mcp', { method: 'POST', headers: { ...headers, ...more }, body });

  async function open(revision: string): Promise<string> {
    const params = `{"protocolVersion":"${revision}","capabilities":{}}`;
    const reply = await post(`{"jsonrpc":"2.0","id":0,"method":"initialize","params":${params}}`);
    return reply.headers.get('mcp-session-id') ?? '';
  }

  const call = (id: number): string =>
    `{"jsonrpc":"2.0","id":${id},"method":"tools/call","params":{"name":"one__seen"}}`;

  it('are answered as one in the revision that has them', async () => {
    const session = { 'mcp-session-id': await open('2025-03-26') };
    const note = '{"jsonrpc":"2.0","method":"notifications/initialized"}';
    const answers = (await (await post(`[${call(1)},${note},${call(2)}]`, session)).json()) as {
      id: number;
    }[];
    assert.deepEqual(answers.map(({ id }) => id).sort(), [1, 2]);
    assert.equal((await post(`[${note}]`, session)).status, 202);
  });

  it('are refused when they are none, too many, or begin a session', async () => {
    const session = { 'mcp-session-id': await open('2025-03-26') };
    const initialize = '{"jsonrpc":"2.0","id":9,"method":"initialize","params":{"protocolVersion":"x"}}';
    for (const body of [
      '[]',
      `[${Array.from({ length: 101 }, (_, i) => call(i)).join()}]`,
      `[${initialize}]`,
    ])
      assert.equal((await post(body, session)).status, 400, body.slice(0, 40));
  });

  it('are refused in the revisions that do not have them', async () => {
    const session = { 'mcp-session-id': await open('2025-11-25') };
    const reply = await post(`[${call(1)}]`, session);
    assert.equal(reply.status, 400);
    assert.match(await reply.text(), /Batches are not part/);
  });
});
