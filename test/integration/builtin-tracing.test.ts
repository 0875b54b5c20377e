import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { auditOf } from '../support/audit';
import { startCollector, type Collector, type Span } from '../support/collector';
import { eventually } from '../support/eventually';
import { ownServer, realServers, startTestGateway, type TestGateway } from '../support/gateway';
import { parseMetrics } from '../support/prometheus';
import { RawClient } from '../support/raw-client';

const trace = '4bf92f3577b34da6a3ce929d0e0e4736';
const parent = `00-${trace}-00f067aa0ba902b7-01`;
const record = (meta = ''): string => `{"name":"raw__record","arguments":{}${meta}}`;

/** What the recording server was sent last, as it came. */
async function recorded(gateway: TestGateway): Promise<string> {
  return (
    (await readFile(path.join(gateway.folder, 'state/recorded'), 'utf8')).trimEnd().split('\n').at(-1) ?? ''
  );
}

const recorder = ownServer('raw', '${MCP_GATEWAY_STATE}/recorded');

const attribute = (span: Span, key: string): string | undefined => {
  const value = span.attributes.find((one) => one.key === key)?.value;
  return value?.stringValue ?? value?.intValue;
};

describe('traces', () => {
  let collector: Collector;
  let gateway: TestGateway;
  let client: RawClient;

  before(async () => {
    collector = await startCollector();
    gateway = await startTestGateway({
      servers: { everything: realServers.everything, raw: recorder },
      env: {
        OTEL_EXPORTER_OTLP_ENDPOINT: collector.url,
        OTEL_EXPORTER_OTLP_HEADERS: 'x-api-key=collector-key',
        OTEL_SERVICE_NAME: 'test-gateway',
      },
    });
    client = await RawClient.open(gateway);
  });
  after(async () => {
    await gateway.stop();
    await collector.stop();
  });

  const call = async (params: string, headers: Record<string, string> = {}): Promise<void> => {
    client.lastId += 1;
    const body = `{"jsonrpc":"2.0","id":${client.lastId},"method":"tools/call","params":${params}}`;
    await (await client.post(body, headers)).text();
  };

  it('have a span for each call, under the span of the client, and the server gets the span of the gateway', async () => {
    await call(record(`,"_meta":{"kept":1,"traceparent":"${parent}"}`));
    const [span] = await eventually(() => collector.spans().length > 0 && collector.spans());
    assert.ok(span);
    assert.equal(span.traceId, trace);
    assert.equal(span.parentSpanId, '00f067aa0ba902b7');
    assert.equal(span.name, 'tools/call record');
    assert.ok(BigInt(span.endTimeUnixNano) > BigInt(span.startTimeUnixNano));
    assert.ok(Math.abs(Number(BigInt(span.startTimeUnixNano) / 1_000_000n) - Date.now()) < 60_000);
    assert.equal(attribute(span, 'mcp_gateway.server'), 'raw');
    assert.equal(attribute(span, 'mcp.session.id'), client.session);
    assert.match(
      await recorded(gateway),
      new RegExp(`"_meta":\\{"kept":1,"traceparent":"00-${trace}-${span.spanId}-01"\\}`),
    );
    assert.equal((await auditOf(gateway)).at(-1)?.trace, trace);
    const [request] = collector.requests;
    assert.equal(request?.path, '/v1/traces');
    assert.equal(request.headers['x-api-key'], 'collector-key');
    assert.match(
      JSON.stringify(request.body.resourceSpans[0]?.resource),
      /"service.name","value":\{"stringValue":"test-gateway"/,
    );
  });

  it('use the header of the request too, and start a new trace without either', async () => {
    const before = collector.spans().length;
    await call(record(), { traceparent: parent });
    assert.match(await recorded(gateway), new RegExp(`"traceparent":"00-${trace}-(?!00f067aa0ba902b7)`));
    await call(record());
    const spans = await eventually(
      () => collector.spans().length === before + 2 && collector.spans().slice(-2),
    );
    assert.equal(spans[0]?.parentSpanId, '00f067aa0ba902b7');
    assert.equal(spans[1]?.parentSpanId, undefined);
    assert.match(
      await recorded(gateway),
      new RegExp(`"traceparent":"00-${spans[1]?.traceId}-${spans[1]?.spanId}-01"`),
    );
  });

  it('do not record what the client does not, but pass it on', async () => {
    const unsampled = parent.replace(/01$/, '00');
    await call(record(), { traceparent: unsampled });
    assert.match(await recorded(gateway), new RegExp(`"traceparent":"${unsampled}"`));
  });

  it('say that a call failed', async () => {
    await call('{"name":"everything__get-sum","arguments":{"a":"no number"}}');
    const span = await eventually(() => collector.spans().find(({ name }) => name === 'tools/call get-sum'));
    assert.equal(span.status.code, 2);
    assert.ok(attribute(span, 'error.type'));
  });

  it('wait for a collector that is busy, and are never in the way', async () => {
    const before = collector.spans().length;
    collector.status = 503;
    for (let i = 0; i < 5; i += 1) await call(record());
    await eventually(async () =>
      (await (await gateway.fetch('/api/logs/gateway')).text()).includes('Traces could not be sent to'),
    );
    collector.status = 200;
    await eventually(() => collector.spans().length === before + 5);
    const metrics = parseMetrics(await (await gateway.fetch('/metrics')).text());
    const counts = metrics
      .get('mcp_gateway_spans_total')
      ?.samples.map(({ labels, value }) => [labels['result'], value]);
    assert.deepEqual(counts, [
      ['sent', collector.spans().length],
      ['dropped', 0],
    ]);
  });

  it('that are under way when the gateway ends are sent', async () => {
    const before = collector.spans().length;
    await call(record());
    const ended = new Promise((resolve) => gateway.process.once('exit', resolve));
    gateway.process.kill('SIGTERM');
    await ended;
    assert.equal(collector.spans().length, before + 1);
  });
});

describe('a gateway without traces', () => {
  it('passes on where a call comes from, and changes nothing where nothing is said', async () => {
    const gateway = await startTestGateway({ servers: { raw: recorder } });
    try {
      const client = await RawClient.open(gateway);
      const body = `{"jsonrpc":"2.0","id":1,"method":"tools/call","params":${record()}}`;
      await (await client.post(body, { traceparent: parent })).text();
      assert.match(await recorded(gateway), new RegExp(`"traceparent":"${parent}"`));
      await (await client.post(body)).text();
      assert.doesNotMatch(await recorded(gateway), /_meta/);
      await (await client.post(body, { traceparent: 'nonsense' })).text();
      assert.doesNotMatch(await recorded(gateway), /_meta/);
    } finally {
      await gateway.stop();
    }
  });
});
