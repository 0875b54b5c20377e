import assert from 'node:assert/strict';
import { auditOf } from '../support/audit';
import { eventually } from '../support/eventually';
import { ownServer, realServers, startTestGateway, type TestGateway } from '../support/gateway';
import { parseMetrics } from '../support/prometheus';
import { RawClient } from '../support/raw-client';

interface Call {
  id: number;
  server: string;
  name: string;
  state: string;
  outcome: string | null;
  totalMs: number | null;
  queuedMs: number | null;
  upstreamMs: number | null;
  session: string | null;
}

describe('what a gateway shows of its calls', () => {
  let gateway: TestGateway;
  let client: RawClient;

  const calls = async (query = ''): Promise<Call[]> =>
    ((await (await gateway.fetch(`/api/calls${query}`)).json()) as { calls: Call[] }).calls;

  before(async () => {
    const good = { ...ownServer('nasty'), concurrency: { calls: 2, queue: 2 } };
    gateway = await startTestGateway({
      servers: JSON.stringify({
        servers: {
          everything: realServers.everything,
          good,
          one: { ...realServers.everything, concurrency: { calls: 1 } },
        },
        gateway: { slowCallSeconds: 0.3 },
      }),
    });
    client = await RawClient.open(gateway);
  });
  after(async () => gateway.stop());

  it('is the calls that ended with the time that each part took, newest first, by server and by name', async () => {
    await client.request('tools/call', '{"name":"everything__echo","arguments":{"message":"a"}}');
    await client.request('tools/call', '{"name":"good__ping","arguments":{}}');
    const [newest, older] = await calls();
    assert.ok(newest && older);
    assert.deepEqual(
      [newest.server, newest.name, newest.state, newest.outcome],
      ['good', 'ping', 'done', 'result'],
    );
    assert.deepEqual([older.server, older.name], ['everything', 'echo']);
    assert.ok(Math.abs((newest.queuedMs ?? 0) + (newest.upstreamMs ?? 0) - (newest.totalMs ?? 0)) < 0.001);
    assert.deepEqual(
      (await calls('?server=everything')).map(({ name }) => name),
      ['echo'],
    );
    assert.deepEqual(
      (await calls('?name=ping&limit=1')).map(({ server }) => server),
      ['good'],
    );
  });

  it('is the calls under way, those that wait for their turn, and the refusal when too many wait', async () => {
    const busy = await RawClient.open(gateway);
    const never = Array.from(
      { length: 4 },
      async () => await busy.request('tools/call', '{"name":"good__never","arguments":{}}'),
    );
    await eventually(
      async () => (await calls('?server=good')).filter(({ state }) => state !== 'done').length === 4,
    );
    const states = (await calls('?server=good')).slice(0, 4).map(({ state }) => state);
    assert.deepEqual(states.sort(), ['queued', 'queued', 'running', 'running']);
    const refused = (await client.request('tools/call', '{"name":"good__ping","arguments":{}}')).toString();
    assert.match(
      refused,
      /"code":-32005.*The server \\"good\\" is busy: 2 calls are running and 2 are waiting, which is the limit \(concurrency in servers.json\)/,
    );
    const metrics = parseMetrics(await (await gateway.fetch('/metrics')).text());
    assert.deepEqual(
      metrics
        .get('mcp_gateway_queued_calls')
        ?.samples.filter(({ value }) => value > 0)
        .map(({ labels, value }) => [labels['server'], value]),
      [['good', 2]],
    );
    for (const requestId of [1, 2, 3, 4])
      await busy.post(
        JSON.stringify({ jsonrpc: '2.0', method: 'notifications/cancelled', params: { requestId } }),
      );
    await Promise.all(never);
    await client.request('tools/call', '{"name":"good__ping","arguments":{}}');
  });

  it('shows that sessions take turns at a busy server, however many calls one of them has', async () => {
    const slow = '{"name":"one__trigger-long-running-operation","arguments":{"duration":0.2,"steps":1}}';
    const [greedy, modest] = [await RawClient.open(gateway), await RawClient.open(gateway)];
    const all = Array.from({ length: 5 }, async () => await greedy.request('tools/call', slow));
    await eventually(
      async () => (await calls('?server=one')).filter(({ state }) => state === 'queued').length === 4,
    );
    await modest.request('tools/call', slow);
    await Promise.all(all);
    const order = (await auditOf(gateway))
      .filter(({ server }) => server === 'one')
      .map(({ session }) => session);
    const [a, b] = [greedy.session, modest.session];
    assert.deepEqual(order, [a, a, b, a, a, a]);
  });

  it('is an event for each call and a warning for each slow one', async () => {
    const aborter = new AbortController();
    const events = await gateway.fetch('/api/events', { signal: aborter.signal });
    let text = '';
    const reading = (async () => {
      for await (const chunk of events.body ?? []) text += Buffer.from(chunk as Uint8Array).toString();
    })();
    await eventually(() => text.includes('event: servers'));
    const call = client.request(
      'tools/call',
      '{"name":"everything__trigger-long-running-operation","arguments":{"duration":1,"steps":1}}',
    );
    await call;
    await eventually(() => /event: call\ndata: .*"trigger-long-running-operation","state":"done"/.test(text));
    await eventually(() => /event: slow-call\ndata: .*"trigger-long-running-operation"/.test(text));
    aborter.abort();
    await assert.rejects(reading);
    const log = await (await gateway.fetch('/api/logs/gateway')).text();
    assert.match(
      log,
      /tools\/call trigger-long-running-operation of the server "everything"\) takes longer than 0.3 s/,
    );
  });

  it('are metrics, for which a token is needed', async () => {
    assert.equal((await fetch(`${gateway.base}/metrics`)).status, 401);
    assert.equal((await gateway.fetch('/mcp', { headers: { origin: 'http://evil.example' } })).status, 403);
    const reply = await gateway.fetch('/metrics');
    assert.equal(reply.headers.get('content-type'), 'text/plain; version=0.0.4; charset=utf-8');
    const metrics = parseMetrics(await reply.text());
    const value = (family: string, labels: Record<string, string>): number | undefined =>
      metrics
        .get(family)
        ?.samples.find((sample) => Object.entries(labels).every(([key, text]) => sample.labels[key] === text))
        ?.value;
    assert.ok(
      (value('mcp_gateway_calls_total', { server: 'everything', name: 'echo', outcome: 'result' }) ?? 0) >= 1,
    );
    assert.equal(value('mcp_gateway_refusals_total', { server: 'good', reason: 'queue' }), 1);
    assert.equal(value('mcp_gateway_requests_turned_away_total', { reason: 'unauthorized' }), 1);
    assert.equal(value('mcp_gateway_requests_turned_away_total', { reason: 'origin' }), 1);
    assert.equal(value('mcp_gateway_server_state', { server: 'good', state: 'ready' }), 1);
    assert.ok((value('mcp_gateway_sessions', {}) ?? 0) >= 2);
    assert.ok((value('process_resident_memory_bytes', {}) ?? 0) > 1e7);
    assert.ok((value('process_cpu_seconds_total', {}) ?? 0) > 0);
    if (process.platform === 'linux') assert.ok((value('process_open_fds', {}) ?? 0) > 5);
    assert.ok((value('nodejs_eventloop_lag_seconds', {}) ?? -1) >= 0);
  });
});
