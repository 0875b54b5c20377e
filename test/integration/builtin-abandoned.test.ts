import assert from 'node:assert/strict';
import { maximumPooled } from '../../src/builtin/upstream/server/connection-pool';
import { eventually } from '../support/eventually';
import { ownServer, realServers, startTestGateway, type TestGateway } from '../support/gateway';
import { RawClient } from '../support/raw-client';

const capabilities = '{"elicitation":{"form":{}}}';

interface Answer {
  result?: { resultType?: string; requestState?: string; content?: { text: string }[] };
  error?: { message: string };
}

describe('calls of stateless clients that did not answer a request for input', () => {
  let gateway: TestGateway;
  let client: RawClient;
  const request = async (method: string, params: object, identity = capabilities): Promise<Answer> => {
    const name = method === 'tools/call' ? 'one__ask' : undefined;
    return JSON.parse(
      (await client.modernRequest(method, JSON.stringify(params), name, identity)).toString(),
    ) as Answer;
  };
  const ask = async (more = {}, identity = capabilities): Promise<Answer> =>
    request('tools/call', { name: 'one__ask', arguments: {}, ...more }, identity);

  before(async () => {
    gateway = await startTestGateway({ servers: { one: ownServer('asks') } });
    client = await RawClient.open(gateway);
  });
  after(async () => gateway.stop());

  it('give way to calls of those who are there, the oldest first, and to nothing else', async () => {
    // The first one teaches the gateway that the server asks: it has not a connection of its own yet.
    await ask();
    const left: string[] = [];
    while (left.length < maximumPooled) {
      const { result, error } = await ask();
      assert.equal(result?.resultType, 'input_required', error?.message);
      left.push(result.requestState ?? '');
    }
    const back = async (requestState = ''): Promise<Answer> =>
      ask({ requestState, inputResponses: { q1: { action: 'accept', content: {} } } });

    assert.equal((await request('tools/list', { x: 1 })).error, undefined);
    for (const identity of [capabilities, '{"elicitation":{},"sampling":{}}'])
      assert.equal((await ask({}, identity)).result?.resultType, 'input_required');
    for (const gone of left.slice(0, 2))
      assert.match(
        (await back(gone)).error?.message ?? '',
        /waited too long for input, and another call took its place/,
      );
    for (const still of left.slice(2))
      assert.match((await back(still)).result?.content?.[0]?.text ?? '', /"action":"accept"/);
  });
});

describe('a server with the maximum number of calls that may request input', () => {
  let gateway: TestGateway;
  let client: RawClient;
  const request = async (method: string, params: object, identity = capabilities): Promise<Answer> => {
    const { name } = params as { name?: string };
    return JSON.parse(
      (await client.modernRequest(method, JSON.stringify(params), name, identity)).toString(),
    ) as Answer;
  };
  const underWay = async (): Promise<number> => {
    const response = await gateway.fetch('/api/calls?limit=100');
    const { calls } = (await response.json()) as { calls: { state: string }[] };
    return calls.filter(({ state }) => state === 'running').length;
  };

  before(async () => {
    gateway = await startTestGateway({ servers: { one: ownServer('asks'), ...realServers } });
    client = await RawClient.open(gateway);
    // The first one teaches the gateway that the server asks; it waits for its client on the connection that all share.
    await request('tools/call', { name: 'one__ask', arguments: {} });
    for (let i = 0; i < maximumPooled; i += 1)
      request('tools/call', { name: 'one__ask', arguments: { silent: true } }).catch(() => undefined);
    await eventually(async () => (await underWay()) === maximumPooled + 1);
  });
  after(async () => gateway.stop());

  it('refuses a call of another kind of client, and nothing else of it', async () => {
    const other = '{"elicitation":{},"sampling":{}}';
    const refused = await request('tools/call', { name: 'one__ask', arguments: {} }, other);
    assert.match(refused.error?.message ?? '', /already has 16 calls/);
    assert.equal((await request('tools/list', {}, other)).error, undefined);
    const echoed = await request(
      'tools/call',
      { name: 'everything__echo', arguments: { message: 'hi' } },
      other,
    );
    assert.match(echoed.result?.content?.[0]?.text ?? JSON.stringify(echoed), /hi/);
  });
});
