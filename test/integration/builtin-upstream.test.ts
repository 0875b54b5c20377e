import assert from 'node:assert/strict';
import { once } from 'node:events';
import http, { type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { eventually } from '../support/eventually';
import { freePort, startEverythingHttp } from '../support/everything-http';
import { startTestGateway, type TestGateway } from '../support/gateway';
import { RawClient } from '../support/raw-client';

interface Request {
  id?: number;
  method?: string;
  params?: { name?: string };
}

/** A Streamable HTTP server of the test whose tools misbehave in transport as they are named. */
class Upstream {
  readonly server = http.createServer((request, response) => void this.#handle(request, response));
  readonly seen: string[] = [];
  hanging = 0;
  session = 1;
  streams: ServerResponse[] = [];

  get url(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}/mcp`;
  }

  async #handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    let text = '';
    for await (const chunk of request.setEncoding('utf8')) text += String(chunk);
    if (request.method === 'DELETE') return;
    if (request.method === 'GET') {
      response.writeHead(200, { 'content-type': 'text/event-stream' }).flushHeaders();
      this.streams.push(response);
      return;
    }
    const { id, method = '', params } = JSON.parse(text) as Request;
    const session = request.headers['mcp-session-id'];
    if (session !== undefined && session !== `session-${this.session}`) {
      response.writeHead(404).end();
      return;
    }
    this.seen.push(method);
    if (method === 'tools/call') this.#call(params?.name ?? '', id, response);
    else if (id === undefined) response.writeHead(202).end();
    else this.#answer(response, id, resultOf(method));
  }

  #call(name: string, id: number | undefined, response: ServerResponse): void {
    if (name === 'ends-early') response.writeHead(200, { 'content-type': 'text/event-stream' }).end();
    if (name === 'ping') this.#answer(response, id, { content: [] });
    if (name !== 'hangs') return;
    this.hanging += 1;
    response.on('close', () => (this.hanging -= 1));
  }

  #answer(response: ServerResponse, id: number | undefined, result: object): void {
    const body = JSON.stringify({ jsonrpc: '2.0', id, result });
    response
      .writeHead(200, { 'content-type': 'application/json', 'mcp-session-id': `session-${this.session}` })
      .end(body);
  }
}

function resultOf(method: string): object {
  if (method === 'initialize')
    return {
      protocolVersion: '2025-11-25',
      capabilities: { tools: { listChanged: true } },
      serverInfo: { name: 'test', version: '1' },
    };
  const tools = ['ping', 'hangs', 'ends-early'].map((name) => ({ name, inputSchema: { type: 'object' } }));
  return { tools };
}

describe('a Streamable HTTP server that misbehaves', () => {
  const upstream = new Upstream();
  let gateway: TestGateway;
  let client: RawClient;
  const call = async (name: string): Promise<string> =>
    (await client.request('tools/call', `{"name":"one__${name}","arguments":{}}`)).toString();

  before(async () => {
    upstream.server.listen(0, '127.0.0.1');
    await once(upstream.server, 'listening');
    gateway = await startTestGateway({
      servers: { one: { type: 'http', url: upstream.url, timeoutSeconds: 30 } },
    });
    client = await RawClient.open(gateway);
  });
  after(async () => {
    await gateway.stop();
    upstream.server.closeAllConnections();
    upstream.server.close();
  });

  it('keeps no connection for a cancelled call, so that any number of them does no harm', async () => {
    const calls = Array.from({ length: 70 }, async () => call('hangs'));
    await eventually(() => upstream.hanging >= 60);
    for (let id = 1; id <= 70; id += 1) {
      const cancel = `{"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":${id}}}`;
      await (await client.post(cancel)).text();
    }
    await Promise.all(calls);
    assert.match(await call('ping'), /"content":\[\]/);
    await eventually(() => upstream.hanging === 0);
    await eventually(
      () => upstream.seen.filter((method) => method === 'notifications/cancelled').length >= 60,
    );
  });

  it('fails a call at once when its answer ends before it has come', async () => {
    assert.match(await call('ends-early'), /"error".*ended/);
  });

  it('is listened to again after its event stream broke', async () => {
    await eventually(() => upstream.streams.length > 0);
    const streams = upstream.streams.length;
    upstream.streams.at(-1)?.end();
    await eventually(() => upstream.streams.length > streams);
    const lists = (): number => upstream.seen.filter((method) => method === 'tools/list').length;
    const before = lists();
    upstream.streams.at(-1)?.write('data: {"jsonrpc":"2.0","method":"notifications/tools/list_changed"}\n\n');
    await eventually(() => lists() > before);
  });

  it('gets another session when the first has expired, and no client notices', async () => {
    const report = async (): Promise<{ state: string; restarts: number; startedAt: string }> => {
      const { servers } = (await (await gateway.fetch('/api/servers')).json()) as {
        servers: [{ state: string; restarts: number; startedAt: string }];
      };
      return servers[0];
    };
    const { startedAt } = await report();
    upstream.session += 1;
    const answers = await Promise.all(Array.from({ length: 5 }, async () => call('ping')));
    for (const answer of answers) assert.match(answer, /"content":\[\]/);
    const after = await report();
    assert.deepEqual([after.state, after.restarts, after.startedAt], ['ready', 0, startedAt]);
  });

  it('does not hold up a restart, nor the end of the gateway, by not answering the end of its session', async () => {
    const opened = (): number => upstream.seen.filter((method) => method === 'initialize').length;
    const before = opened();
    await gateway.fetch('/api/servers/one/restart', { method: 'POST' });
    await eventually(() => opened() > before);
    await eventually(async () => (await fetch(`${gateway.base}/ready`)).ok);
    gateway.process.kill('SIGTERM');
    await eventually(() => gateway.process.exitCode === 0);
  });
});

describe('a Streamable HTTP server that is restarted', () => {
  it('is found again without help, though it answers an unknown session with 400', async () => {
    const port = await freePort();
    const first = await startEverythingHttp(port);
    const gateway = await startTestGateway({ servers: { remote: { type: 'http', url: first.url } } });
    await first.kill();
    const second = await startEverythingHttp(port);
    const client = await RawClient.open(gateway);
    try {
      await eventually(async () => {
        const answer = await client.request(
          'tools/call',
          '{"name":"remote__echo","arguments":{"message":"again"}}',
        );
        return answer.includes('Echo: again');
      });
    } finally {
      await gateway.stop();
      await second.kill();
    }
  });
});
