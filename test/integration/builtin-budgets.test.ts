import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import net from 'node:net';
import path from 'node:path';
import { memoryLimit } from '../../src/platform/memory-limit';
import { eventually } from '../support/eventually';
import { ownServer, startTestGateway, type TestGateway } from '../support/gateway';
import { ListedServer, tool } from '../support/listed-server';
import { parseMetrics } from '../support/prometheus';
import { RawClient } from '../support/raw-client';

/** A connection of which the test decides every byte. */
function connect({ base }: TestGateway): { socket: net.Socket; said: () => string; ended: () => boolean } {
  const socket = net.connect(Number(new URL(base).port), '127.0.0.1');
  let text = '';
  let over = false;
  socket.setEncoding('utf8').on('data', (chunk: string) => (text += chunk));
  socket.on('error', () => undefined).once('close', () => (over = true));
  return { socket, said: () => text, ended: () => over };
}

/** The setting that means so many bytes on this machine, and less than one more. */
function percentFor(bytes: number): number {
  return ((bytes + 0.5) * 100) / memoryLimit();
}

describe('the budgets of a gateway', () => {
  let gateway: TestGateway;
  let listed: ListedServer;

  before(async () => {
    listed = await ListedServer.make({ tools: [tool('reread')] });
    const limits = {
      bodyMemoryPercent: percentFor(1_000_000),
      eventMemoryPercent: percentFor(4096),
      connections: 40,
      headerSeconds: 60,
    };
    const servers = { good: ownServer('nasty'), listed: listed.entry };
    gateway = await startTestGateway({ servers: JSON.stringify({ servers, gateway: { limits } }) });
  });
  after(async () => {
    await gateway.stop();
    await listed.remove();
  });

  const metric = async (name: string): Promise<number> => {
    const metrics = parseMetrics(await (await gateway.fetch('/metrics')).text());
    return metrics.get(name)?.samples[0]?.value ?? NaN;
  };

  const head = (token: string, length: number, where = '/mcp'): string =>
    `POST ${where} HTTP/1.1\r\nhost: localhost\r\nauthorization: Bearer ${token}\r\ncontent-type: application/json\r\ncontent-length: ${length}\r\n\r\n`;

  it('takes the place of the oldest connection without a head for one with a token', async () => {
    const open = await gateway.fetch('/api/events');
    const client = await RawClient.open(gateway);
    const half = Array.from({ length: 60 }, () => connect(gateway));
    for (const { socket } of half) socket.write('POST /mcp HTTP/1.1\r\nhost: localhost\r\n');
    await eventually(() => half.filter(({ ended }) => ended()).length >= 20);
    const refused = half.find(({ said }) => said() !== '');
    assert.match(
      refused?.said() ?? '',
      /^HTTP\/1.1 503 .*has 40 connections.*no token.*gateway.limits.connections/s,
    );
    // The oldest ones gave way, the newest ones are still there.
    assert.equal(
      half.slice(-10).some(({ ended }) => ended()),
      false,
    );
    for (let i = 0; i < 5; i += 1) {
      const { socket, said } = connect(gateway);
      socket.write(
        `GET /api/servers HTTP/1.1\r\nhost: localhost\r\nauthorization: Bearer ${gateway.token}\r\n\r\n`,
      );
      await eventually(() => said().startsWith('HTTP/1.1 200'));
    }
    assert.match((await client.request('ping', '{}')).toString(), /"result"/);
    // The stream was the oldest of all connections, but it has shown a token.
    const reader = open.body?.getReader();
    await client.request('tools/call', '{"name":"good__ping","arguments":{}}');
    let text = '';
    while (!text.includes('event: call')) {
      const chunk = (await reader?.read()) as { value?: Uint8Array } | undefined;
      assert.ok(chunk?.value, 'the stream has ended');
      text += Buffer.from(chunk.value).toString();
    }
    await reader?.cancel();
    for (const { socket } of half) socket.destroy();
  });

  it('refuses unfinished bodies of one token beyond half of the budget, and others can still send', async () => {
    const admin = (await readFile(path.join(gateway.folder, 'state/admin-token'), 'utf8')).trim();
    const reply = await fetch(`${gateway.base}/api/tokens`, {
      method: 'POST',
      headers: { authorization: `Bearer ${admin}` },
      body: JSON.stringify({ name: 'narrow', tools: { allow: ['good__ping'] } }),
    });
    const { token } = (await reply.json()) as { token: string };
    const many = Array.from({ length: 10 }, () => connect(gateway));
    for (const { socket } of many) socket.write(head(token, 900_000) + 'x'.repeat(200_000));
    await eventually(() => many.filter(({ ended }) => ended()).length === 8);
    for (const { said } of many.filter(({ ended }) => ended()))
      assert.match(said(), /^HTTP\/1.1 503 .*the token \\"narrow\\" .*gateway.limits.bodyMemoryPercent/s);
    await eventually(async () => (await metric('mcp_gateway_body_bytes')) > 0);
    const client = await RawClient.open(gateway);
    const large = JSON.stringify({ name: 'good__ping', arguments: { x: 'x'.repeat(400_000) } });
    assert.match((await client.request('tools/call', large)).toString(), /"result"/);
    for (const { socket } of many) socket.destroy();
    await eventually(async () => (await metric('mcp_gateway_body_bytes')) === 0);
  });

  it('counts the body of a call until the call has ended', async () => {
    const client = await RawClient.open(gateway);
    const large = JSON.stringify({ name: 'good__never', arguments: { x: 'x'.repeat(300_000) } });
    const answer = client.request('tools/call', large);
    await eventually(async () => (await metric('mcp_gateway_body_bytes')) > 300_000);
    const second = await client.post(`{"jsonrpc":"2.0","id":9,"method":"tools/call","params":${large}}`);
    assert.equal(second.status, 503);
    assert.match(await second.text(), /-32005.*bodyMemoryPercent/);
    await client.post('{"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":1}}');
    await answer;
    await eventually(async () => (await metric('mcp_gateway_body_bytes')) === 0);
  });

  it('counts the bodies of the old HTTP+SSE pair, too', async () => {
    const stream = connect(gateway);
    stream.socket.write(
      `GET /sse HTTP/1.1\r\nhost: localhost\r\nauthorization: Bearer ${gateway.token}\r\n\r\n`,
    );
    const [, where = ''] = await eventually(() => /data: (\S+sessionId\S+)/.exec(stream.said()) ?? undefined);
    const { socket, said, ended } = connect(gateway);
    socket.write(head(gateway.token, 900_000, where) + 'x'.repeat(600_000));
    await eventually(ended);
    assert.match(said(), /^HTTP\/1.1 503 .*"code":"budget".*bodyMemoryPercent/s);
    stream.socket.destroy();
    await eventually(async () => (await metric('mcp_gateway_body_bytes')) === 0);
  });

  it('keeps the events of all sessions in one buffer', async () => {
    const clients = await Promise.all(Array.from({ length: 20 }, async () => RawClient.open(gateway)));
    for (let i = 0; i < 3; i += 1)
      await clients[0]?.request('tools/call', '{"name":"listed__reread","arguments":{}}');
    await eventually(async () => (await metric('mcp_gateway_events_dropped_total')) > 0);
    assert.ok((await metric('mcp_gateway_event_bytes')) <= 4096);
  });
});
