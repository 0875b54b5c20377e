import assert from 'node:assert/strict';
import http from 'node:http';
import type { IncomingMessage } from 'node:http';
import { once } from 'node:events';
import { eventually } from '../support/eventually';
import { ownServer, startTestGateway, type TestGateway } from '../support/gateway';
import { RawClient } from '../support/raw-client';

async function open(gateway: TestGateway, path: string, headers = {}): Promise<IncomingMessage> {
  const request = http.get(gateway.base + path, {
    headers: { authorization: `Bearer ${gateway.token}`, accept: 'text/event-stream', ...headers },
  });
  const [response] = (await once(request, 'response')) as [IncomingMessage];
  return response;
}

describe('an event stream', () => {
  let gateway: TestGateway;
  let client: RawClient;
  const flood = async (tool: string): Promise<void> => {
    await client.request('tools/call', `{"name":"one__${tool}","arguments":{}}`);
  };

  before(async () => {
    gateway = await startTestGateway({ servers: { one: ownServer('flood') } });
    client = await RawClient.open(gateway);
  });
  after(async () => gateway.stop());

  it('begins at once, though there is nothing to say yet', async () => {
    const stream = await open(gateway, '/api/logs/one?tail=0&follow=1');
    assert.equal(stream.statusCode, 200);
    stream.destroy();
  });

  it('of a log is closed for a reader that has fallen far behind', async () => {
    const stream = await open(gateway, '/api/logs/one?tail=0&follow=1');
    stream.pause();
    const closed = once(stream.socket, 'close');
    await flood('log');
    stream.on('error', () => undefined).resume();
    await closed;
  });

  it('of a session is closed for a reader that has fallen far behind', async () => {
    const stream = await open(gateway, '/mcp', { 'mcp-session-id': client.session });
    stream.pause();
    const closed = once(stream.socket, 'close');
    const other = await RawClient.open(gateway);
    const reader = await open(gateway, '/mcp', { 'mcp-session-id': other.session });
    let messages = 0;
    reader.on('data', (chunk: Buffer) => (messages += chunk.toString('latin1').split('data: ').length - 1));
    await flood('notify');
    await eventually(() => messages > 39_000);
    reader.destroy();
    stream.on('error', () => undefined).resume();
    await closed;
  });

  it('is replaced by a newer one of the same session, which gets every message', async () => {
    const old = await open(gateway, '/mcp', { 'mcp-session-id': client.session });
    const oldEnded = once(old.resume(), 'end');
    const stream = await open(gateway, '/mcp', { 'mcp-session-id': client.session });
    let text = '';
    stream.setEncoding('utf8').on('data', (chunk: string) => (text += chunk));
    await oldEnded;
    await flood('once');
    await eventually(() => text.includes('"once"'));
    stream.destroy();
  });
});
