import assert from 'node:assert/strict';
import type { CallRecord } from '../../../../../src/builtin/calls/record';
import { ParkedCalls } from '../../../../../src/builtin/protocol/parked-calls';
import { SpanExporter } from '../../../../../src/builtin/tracing/span-exporter';
import type { Transport, TransportEvents } from '../../../../../src/builtin/upstream/transports/transport';
import { HttpTransport } from '../../../../../src/builtin/upstream/transports/http';
import { RestTransport } from '../../../../../src/builtin/upstream/transports/rest';
import { UrlTransport } from '../../../../../src/builtin/upstream/transports/url';
import { Params } from '../../../../../src/mcp-wire/params';
import { parseServersFile } from '../../../../../src/servers/parse';
import { eventually } from '../../../../support/eventually';
import { leftOn, nothing } from '../../../../support/left-behind';
import { eventStream, json, ScriptedServer } from '../../../../support/scripted-server';

const events: TransportEvents = { message: () => undefined, closed: () => undefined, log: () => undefined };

function request(id: number, method: string, params = {}): Buffer {
  return Buffer.from(JSON.stringify({ jsonrpc: '2.0', id, method, params }));
}

function record(id: number): CallRecord {
  return {
    ...{ id, startedAt: 0, started: 0, token: 't', server: 's', method: 'tools/call', name: 'n' },
    caller: { era: 'modern', session: undefined, client: undefined, traceparent: undefined },
    requestBytes: 0,
    span: { traceId: '0'.repeat(32), spanId: '0'.repeat(16), parentId: undefined },
    ...{ queuedMs: 0, totalMs: 1, outcome: undefined },
  };
}

describe('a signal that outlives many calls', () => {
  let signal: AbortSignal;
  let server: ScriptedServer;
  let transport: Transport | undefined;

  beforeEach(async () => {
    signal = new AbortController().signal;
    server = await new ScriptedServer().start();
  });
  afterEach(async () => {
    await transport?.close();
    await server.stop();
  });

  it('is held by none of them at a REST API, whether they are answered, fail or come too late', async () => {
    const tools = ['works', 'fails'].map((name) => ({ name, path: `/${name}` }));
    const late = { name: 'late', path: '/late', timeoutSeconds: 1 };
    const entry = { type: 'rest', baseUrl: server.origin, tools: [...tools, late] };
    const definition = parseServersFile(JSON.stringify({ servers: { one: entry } }), 'f').servers.get('one');
    assert.ok(definition?.type === 'rest');
    const answers: string[] = [];
    server.script = ({ url }, response) => {
      if (url === '/works') json(response, {});
      if (url === '/fails') response.destroy();
    };
    const rest = (transport = new RestTransport(definition, (text) => text, {
      ...events,
      message: (bytes) => void answers.push(bytes.toString()),
    }));
    for (const [at, name] of ['works', 'fails', 'works', 'fails', 'late'].entries()) {
      const context = { id: at, method: 'tools/call', signal };
      await rest.send(request(at, 'tools/call', { name }), context);
    }
    assert.equal(answers.length, 5);
    assert.match(answers[4] ?? '', /did not answer within 1 s/);
    await eventually(() => leftOn(signal).listeners === 0);
    assert.deepEqual(leftOn(signal), nothing);
  });

  it('is held by none of them over HTTP, though their answers went on after a break', async () => {
    server.script = ({ method, body }, response) => {
      if (body.includes('initialize')) {
        response.setHeader('mcp-session-id', 'a');
        json(response, { jsonrpc: '2.0', id: 0, result: {} });
      } else if (method === 'POST') eventStream(response).end('retry: 1\nid: 1\ndata:\n\n');
      else eventStream(response).end('data: {"jsonrpc":"2.0","id":1,"result":{}}\n\n');
    };
    const http = (transport = new HttpTransport({ target: server.url, headers: {} }, events));
    await http.send(request(0, 'initialize'), { id: 0, method: 'initialize' });
    for (let id = 1; id < 4; id += 1)
      await http.send(request(id, 'tools/call'), { id, method: 'tools/call', signal });
    assert.equal(server.seen.filter(({ headers }) => headers['last-event-id'] === '1').length, 3);
    await eventually(() => leftOn(signal).listeners === 0);
    assert.deepEqual(leftOn(signal), nothing);
  });

  it('is not held by looking for the old transport, whether it is there or not', async () => {
    for (const offered of [true, false]) {
      server.script = ({ method, url }, response) => {
        if (method === 'GET' && offered) eventStream(response).write('event: endpoint\ndata: /messages\n\n');
        else response.writeHead(url === '/messages' ? 202 : 405).end();
      };
      const one = (transport = new UrlTransport({ target: server.url, headers: {} }, events));
      const sent = one.send(request(0, 'initialize'), { id: 0, method: 'initialize', signal });
      await (offered ? sent : assert.rejects(sent, /HTTP 405/));
      await one.close();
    }
    await eventually(() => leftOn(signal).listeners === 0);
    assert.deepEqual(leftOn(signal), nothing);
  });

  it('is not made another signal of by exporting traces, batch after batch', async () => {
    const sources: AbortSignal[] = [];
    const problems: string[] = [];
    const any = AbortSignal.any.bind(AbortSignal);
    AbortSignal.any = (signals) => {
      sources.push(...signals);
      return any(signals);
    };
    server.script = (_seen, response) => json(response, {});
    const settings = { endpoint: server.url, headers: {}, resource: {} };
    const exporter = new SpanExporter(
      settings,
      (text) => text,
      (problem) => void problems.push(problem),
    );
    try {
      for (let sent = 1; sent <= 2; sent += 1) {
        exporter.add(record(sent));
        await eventually(() => exporter.counts.sent === sent);
      }
    } finally {
      AbortSignal.any = any;
      await exporter.close();
    }
    assert.deepEqual([sources, problems], [[], []]);
  });

  it('is released by a server request after its response', async () => {
    const parked = new ParkedCalls();
    const call = parked.open('mine');
    const bytes = Buffer.from('{"inputResponses":{"q1":{},"q2":{}}}');
    const answers = new Params(bytes, { start: 0, end: bytes.length });
    const ask = async () =>
      call.request({ method: 'm', params: new Params(bytes, undefined), signal, progress: () => undefined });
    const asked = Promise.all([ask(), ask()]);
    assert.equal(leftOn(signal).listeners, 2);
    call.resume(answers);
    await asked;
    assert.deepEqual(leftOn(signal), nothing);
    parked.dispose();
  });
});
