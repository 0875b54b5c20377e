import assert from 'node:assert/strict';
import type { ServerResponse } from 'node:http';
import { SseTransport } from '../../src/builtin/upstream/transports/sse';
import { UrlTransport } from '../../src/builtin/upstream/transports/url';
import { eventually } from '../support/eventually';
import { startEverythingHttp, type EverythingHttp } from '../support/everything-http';
import { startTestGateway, type TestGateway } from '../support/gateway';
import { RawClient } from '../support/raw-client';
import { eventStream, ScriptedServer } from '../support/scripted-server';

describe('a server of the old HTTP+SSE pair', () => {
  let server: EverythingHttp;
  let gateway: TestGateway;
  let client: RawClient;
  const echo = async (name: string): Promise<string> =>
    (
      await client.request('tools/call', `{"name":"${name}__echo","arguments":{"message":"héllo"}}`)
    ).toString();

  before(async () => {
    server = await startEverythingHttp(undefined, 'sse');
    gateway = await startTestGateway({
      servers: { old: { type: 'sse', url: server.url }, plain: { type: 'http', url: server.url } },
    });
    client = await RawClient.open(gateway);
  });
  after(async () => {
    await gateway.stop();
    await server.kill();
  });

  it('serves as type "sse"', async () => {
    assert.match(await echo('old'), /Echo: héllo/);
  });

  it('serves as type "http" too, which finds out by itself', async () => {
    assert.match(await echo('plain'), /Echo: héllo/);
  });

  it('is found again after it was restarted', async () => {
    const { port } = server;
    await server.kill();
    server = await startEverythingHttp(port, 'sse');
    await eventually(async () => (await echo('old')).includes('Echo: héllo'));
    await eventually(async () => (await echo('plain')).includes('Echo: héllo'));
  });
});

describe('a transport of the old HTTP+SSE pair', () => {
  let server: ScriptedServer;
  const closed: string[] = [];
  const messages: string[] = [];
  const events = {
    message: (bytes: Buffer) => void messages.push(bytes.toString()),
    closed: (reason: string) => void closed.push(reason),
    log: () => undefined,
  };
  const options = () => ({ target: server.url, headers: { authorization: 'Bearer secret' } });
  const initialize = Buffer.from('{"jsonrpc":"2.0","id":1,"method":"initialize"}');
  const context = { id: 1, method: 'initialize' };

  beforeEach(async () => {
    closed.length = 0;
    messages.length = 0;
    server = await new ScriptedServer().start();
  });
  afterEach(async () => server.stop());

  it('sends nothing to an end point of another origin', async () => {
    const other = await new ScriptedServer().start();
    server.script = (_seen, response) =>
      void eventStream(response).write(`event: endpoint\ndata: ${other.origin}/m\n\n`);
    const transport = new SseTransport(options(), events);
    await assert.rejects(transport.send(initialize, context), /another origin/);
    assert.deepEqual([other.seen.length, closed.length], [0, 1]);
    await transport.close();
    await other.stop();
  });

  it('passes what comes as it came, and ends with its stream', async () => {
    let stream: ServerResponse | undefined;
    server.script = ({ method }, response) => {
      if (method === 'GET')
        (stream = eventStream(response)).write('event: endpoint\ndata: /messages?id=1\n\n');
      else response.writeHead(202).end('Accepted');
    };
    const transport = new SseTransport(options(), events);
    await transport.send(initialize, context);
    assert.deepEqual(
      server.seen.map(({ method, url, headers }) => [method, url, headers.authorization]),
      [
        ['GET', '/mcp', 'Bearer secret'],
        ['POST', '/messages?id=1', 'Bearer secret'],
      ],
    );
    stream?.end('event: message\ndata: {"a":1e400}\n\nevent: other\ndata: no\n\n');
    await eventually(() => closed.length > 0);
    assert.deepEqual([messages, closed], [['{"a":1e400}'], ['ended its event stream']]);
    await transport.close();
  });

  it('is no way out for a server that has neither transport', async () => {
    server.script = (_seen, response) => void response.writeHead(404).end();
    const transport = new UrlTransport(options(), events);
    await assert.rejects(transport.send(initialize, context), /no MCP endpoint at this URL \(HTTP 404\)/);
    assert.deepEqual(closed, []);
    await transport.close();
  });
});
