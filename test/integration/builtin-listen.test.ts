import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { eventually } from '../support/eventually';
import { ownServer, startTestGateway, type TestGateway } from '../support/gateway';
import { RawClient } from '../support/raw-client';

describe('a subscription of 2026-07-28 that waits for a server', () => {
  let folder: string;
  let gate: string;
  let gateway: TestGateway;
  let client: RawClient;

  beforeEach(async () => {
    folder = mkdtempSync(path.join(os.tmpdir(), 'mcp-gateway-listen-'));
    gate = path.join(folder, 'open');
    gateway = await startTestGateway({
      servers: { quick: ownServer('notices'), slow: ownServer('notices', gate) },
      unsettled: true,
    });
    client = await RawClient.open(gateway, '/servers/quick/mcp');
    await eventually(async () => (await callTool(client, 'subscribed')).includes('asked'));
  });
  afterEach(async () => {
    await gateway.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  /** Opens the subscription; what comes over it is added to `text`. */
  async function listen(where: string, notifications: object) {
    const leaving = new AbortController();
    const body = {
      jsonrpc: '2.0',
      id: 7,
      method: 'subscriptions/listen',
      params: { ...meta, notifications },
    };
    const heard = { text: '', leave: () => leaving.abort() };
    const response = gateway.fetch(where, {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        accept: 'application/json, text/event-stream',
        'mcp-protocol-version': '2026-07-28',
        'mcp-method': 'subscriptions/listen',
      },
      body: JSON.stringify(body),
      signal: leaving.signal,
    });
    const read = async (): Promise<void> => {
      const decoder = new TextDecoder();
      const chunks: AsyncIterable<Uint8Array> | null = (await response).body;
      for await (const chunk of chunks ?? []) heard.text += decoder.decode(chunk);
    };
    read().catch(() => undefined);
    // The gateway takes it before it takes what comes later.
    await eventually(async () => (await gateway.fetch('/health')).ok);
    return heard;
  }

  it('gets no notification before the acknowledgement, and then those that it would have missed', async () => {
    const heard = await listen('/mcp', {
      toolsListChanged: true,
      resourceSubscriptions: ['mem:///a', 'mem:///refused', 'mem:///nobody-has-it'],
    });
    await callTool(client, 'change');
    await writeFile(gate, '');
    await eventually(() => heard.text.includes('resources/updated') && heard.text.includes('list_changed'));
    const messages = messagesOf(heard.text);
    assert.equal(messages[0]?.method, 'notifications/subscriptions/acknowledged');
    const { notifications } = messages[0].params;
    assert.deepEqual(notifications, { toolsListChanged: true, resourceSubscriptions: ['mem:///a'] });
    heard.leave();
  });

  it('is nothing to the server when the client has left by then', async () => {
    const heard = await listen('/servers/slow/mcp', { resourceSubscriptions: ['mem:///a'] });
    heard.leave();
    await eventually(async () => (await gateway.fetch('/health')).ok);
    await writeFile(gate, '');
    await eventually(async () => (await fetch(`${gateway.base}/ready`)).ok);
    const slow = await RawClient.open(gateway, '/servers/slow/mcp');
    await eventually(async () => (await callTool(slow, 'subscribed')).includes('asked'));
    assert.match(await callTool(slow, 'subscribed'), /asked \d, subscribed "/);
  });
});

const meta = {
  _meta: {
    'io.modelcontextprotocol/protocolVersion': '2026-07-28',
    'io.modelcontextprotocol/clientInfo': { name: 'test', version: '1' },
    'io.modelcontextprotocol/clientCapabilities': {},
  },
};

async function callTool(client: RawClient, name: string): Promise<string> {
  return (await client.request('tools/call', JSON.stringify({ name, arguments: {} }))).toString();
}

function messagesOf(text: string): { method: string; params: { notifications: unknown } }[] {
  const lines = text.split('\n').filter((line) => line.startsWith('data: {'));
  return lines.map((line) => JSON.parse(line.slice('data: '.length)) as never);
}
