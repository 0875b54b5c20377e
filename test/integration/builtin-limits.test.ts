import assert from 'node:assert/strict';
import net from 'node:net';
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { eventually } from '../support/eventually';
import { ownServer, realServers, startTestGateway, type TestGateway } from '../support/gateway';
import { parseMetrics } from '../support/prometheus';
import { RawClient } from '../support/raw-client';

const echo = (message: string): string =>
  JSON.stringify({ name: 'everything__echo', arguments: { message } });

const ping = '{"name":"good__ping","arguments":{}}';

/** A connection of which we decide every byte. */
function connect(gateway: TestGateway): { socket: net.Socket; said: () => string; closed: Promise<unknown> } {
  const socket = net.connect(Number(new URL(gateway.base).port), '127.0.0.1');
  let text = '';
  socket.setEncoding('utf8').on('data', (chunk: string) => (text += chunk));
  socket.on('error', () => undefined);
  const closed = new Promise((resolve) => socket.once('close', resolve));
  return { socket, said: () => text, closed };
}

describe('the limits of a gateway', () => {
  let gateway: TestGateway;
  let client: RawClient;
  const servers = { everything: realServers.everything, good: ownServer('nasty') };
  const limits = {
    bodyBytes: 20_000,
    resultBytes: 10_000,
    headerSeconds: 0.5,
    bodySeconds: 1,
    connections: 40,
  };

  before(async () => {
    gateway = await startTestGateway({ servers: JSON.stringify({ servers, gateway: { limits } }) });
    client = await RawClient.open(gateway);
  });
  after(async () => gateway.stop());

  it('name the limit for a too large body, with or without a Content-Length', async () => {
    const body = `{"jsonrpc":"2.0","id":1,"method":"tools/call","params":${echo('x'.repeat(30_000))}}`;
    const told = await client.post(body);
    assert.equal(told.status, 413);
    assert.match(
      await told.text(),
      /larger than 20000 bytes, which is the limit \(gateway.limits.bodyBytes in servers.json\)/,
    );
    const { socket, said, closed } = connect(gateway);
    socket.write(
      `POST /mcp HTTP/1.1\r\nhost: localhost\r\nauthorization: Bearer ${gateway.token}\r\ncontent-type: application/json\r\ntransfer-encoding: chunked\r\n\r\n7530\r\n${'x'.repeat(30_000)}\r\n`,
    );
    await closed;
    assert.match(said(), /^HTTP\/1.1 413 .*bodyBytes/s);
  });

  it('name the limit that a result is larger than', async () => {
    const answer = (await client.request('tools/call', echo('x'.repeat(12_000)))).toString();
    assert.match(
      answer,
      /"code":-32005.*The response of the server \\"everything\\" has \d+ bytes, more than the limit of 10000 /,
    );
    assert.match((await client.request('tools/call', echo('x'.repeat(9000)))).toString(), /x{9000}/);
  });

  it('close a connection that sends nothing, one whose head does not end, and one whose body does not come', async () => {
    const silent = connect(gateway);
    const head = connect(gateway);
    head.socket.write('POST /mcp HTTP/1.1\r\nhost: localhost\r\n');
    const body = connect(gateway);
    body.socket.write(
      `POST /mcp HTTP/1.1\r\nhost: localhost\r\nauthorization: Bearer ${gateway.token}\r\ncontent-type: application/json\r\ncontent-length: 100\r\n\r\n{`,
    );
    await Promise.all([silent.closed, head.closed, body.closed]);
    assert.match(head.said(), /^HTTP\/1.1 408 Request Timeout.*headerSeconds/s);
    assert.match(body.said(), /^HTTP\/1.1 408 Request Timeout.*bodySeconds/s);
    assert.doesNotMatch(await (await gateway.fetch('/api/logs/gateway')).text(), /POST \/mcp failed/);
  });

  it('close a connection whose client has said that it is done', async () => {
    const { socket, closed } = connect(gateway);
    socket.end('GET /health HTTP/1.1\r\nhost: localhost\r\n\r\n');
    await closed;
  });

  it('leave a stream open for longer than a request may take to arrive', async () => {
    const aborter = new AbortController();
    const stream = await gateway.fetch('/api/events', { signal: aborter.signal });
    const slow = connect(gateway);
    slow.socket.write('GET /');
    await slow.closed;
    const later = connect(gateway);
    later.socket.write('GET /');
    await later.closed;
    let text = '';
    const reading = (async () => {
      for await (const chunk of stream.body ?? []) text += Buffer.from(chunk as Uint8Array).toString();
    })();
    await client.request('tools/call', echo('still there'));
    await eventually(() => text.includes('event: call'));
    aborter.abort();
    await assert.rejects(reading);
  });

  it('answer what is no HTTP, and a head that is too large, in words', async () => {
    const noise = connect(gateway);
    noise.socket.write('\u0016\u0003\u0001 hello\r\n\r\n');
    await noise.closed;
    assert.match(noise.said(), /^HTTP\/1.1 400 Bad Request.*This is not an HTTP request/s);
    const large = connect(gateway);
    large.socket.write(`GET /health HTTP/1.1\r\nhost: localhost\r\nx: ${'y'.repeat(20_000)}\r\n\r\n`);
    await large.closed;
    assert.match(large.said(), /^HTTP\/1.1 431 .*larger than 16384 bytes/s);
  });

  it('refuse connections beyond their number in words, and take new ones when others are gone', async () => {
    const many = Array.from({ length: 60 }, () => connect(gateway));
    const ask = `GET /api/servers HTTP/1.1\r\nhost: localhost\r\nauthorization: Bearer ${gateway.token}\r\n\r\n`;
    for (const { socket } of many) socket.write(ask);
    await eventually(() => many.every(({ said }) => said().endsWith('}')));
    const refused = many.filter(({ said }) => said().startsWith('HTTP/1.1 503'));
    assert.ok(refused.length >= 20 && refused.length < 30, String(refused.length));
    assert.match(
      refused[0]?.said() ?? '',
      /already has 40 connections, which is the limit.*gateway.limits.connections/,
    );
    for (const { socket } of many) socket.destroy();
    await eventually(async () => (await fetch(`${gateway.base}/health`)).ok);
    await eventually(async () => {
      const metrics = parseMetrics(await (await gateway.fetch('/metrics')).text());
      return (metrics.get('mcp_gateway_connections_refused_total')?.samples[0]?.value ?? 0) >= 20;
    });
  });

  it('of a server and of a tool apply without a restart of the server', async () => {
    const pidOf = async (): Promise<unknown> => {
      const { servers: all } = (await (await gateway.fetch('/api/servers')).json()) as {
        servers: { name: string; pid: number }[];
      };
      return all.find(({ name }) => name === 'good')?.pid;
    };
    const pid = await pidOf();
    const good = {
      ...servers.good,
      rateLimit: { perMinute: 600, burst: 100, tools: { ping: { perMinute: 1 } } },
    };
    await writeFile(
      path.join(gateway.folder, 'servers.json'),
      JSON.stringify({ servers: { ...servers, good }, gateway: { limits } }),
    );
    const refusal = await eventually(async () => {
      const answer = (await client.request('tools/call', ping)).toString();
      return answer.includes('"error"') && answer;
    });
    assert.match(
      refusal,
      /"code":-32005.*The tool \\"ping\\" of the server \\"good\\" is limited to 1 calls a minute \(rateLimit in servers.json\).*"retryAfterMs":/,
    );
    assert.match(
      (
        await client.request(
          'tools/call',
          '{"name":"good__progress","arguments":{},"_meta":{"progressToken":1}}',
        )
      ).toString(),
      /progress of good/,
    );
    assert.equal(await pidOf(), pid);
  });
});
