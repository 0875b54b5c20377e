import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { Client as ModernClient } from '@modelcontextprotocol/client';
import { StdioClientTransport as ModernStdio } from '@modelcontextprotocol/client/stdio';
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { SSEClientTransport } from '@modelcontextprotocol/sdk/client/sse.js';
import { StdioClientTransport } from '@modelcontextprotocol/sdk/client/stdio.js';
import * as types from '@modelcontextprotocol/sdk/types.js';
import { eventually } from '../support/eventually';
import { program, root, startTestGateway, type TestGateway } from '../support/gateway';
import { answers } from '../support/matrix-client';
import { matrixServer } from '../support/matrix-server';
import { processesWith } from '../support/processes';

const capabilities = { sampling: {}, elicitation: { form: {} }, roots: {} };
const info = { name: 'transport-test', version: '1' };

function askable(): Client {
  const client = new Client(info, { capabilities });
  client.setRequestHandler(types.ElicitRequestSchema, () => answers.elicited);
  return client;
}

async function textOf(client: Client, name: string, args: Record<string, unknown> = {}): Promise<unknown> {
  const { content } = await client.callTool({ name, arguments: args });
  return (content as { text: string }[])[0]?.text;
}

describe('the gateway on standard input and output', () => {
  let folder: string;
  /** Stands in the environment of each server that the gateway started. */
  let marker: string;
  let command: { command: string; args: string[]; cwd: string; stderr: 'ignore' };

  before(async () => {
    folder = await mkdtemp(path.join(os.tmpdir(), 'mcp-gateway-stdio-'));
    const { entry } = await matrixServer('legacy', 'stdio');
    marker = `MCP_TEST_MARKER=${folder}`;
    const file = path.join(folder, 'servers.json');
    await writeFile(
      file,
      JSON.stringify({ servers: { one: { ...entry, env: { MCP_TEST_MARKER: folder } } } }),
    );
    const args = [program, '--stdio', '--servers', file, '--state', path.join(folder, 'state')];
    command = { command: process.execPath, args, cwd: root, stderr: 'ignore' };
  });
  after(async () => rm(folder, { recursive: true, force: true }));

  it('serves a legacy client with server requests and notifications, and ends with the client and all its processes', async () => {
    const client = askable();
    await client.connect(new StdioClientTransport(command));
    assert.ok((await client.listTools()).tools.some(({ name }) => name === 'one__echo'));
    assert.equal(await textOf(client, 'one__echo', { message: 'hello' }), 'hello');
    assert.equal(await textOf(client, 'one__elicit'), 'accept green');
    assert.ok(processesWith(marker).length > 0);
    await client.close();
    await eventually(() => processesWith(marker).length === 0 && processesWith(folder).length === 0);
  });

  it('serves a client of 2026-07-28', async () => {
    const client = new ModernClient(info, { versionNegotiation: { mode: 'auto' }, capabilities });
    client.setRequestHandler('elicitation/create', () => answers.elicited);
    await client.connect(new ModernStdio(command));
    assert.equal(client.getNegotiatedProtocolVersion(), '2026-07-28');
    const { content } = await client.callTool({ name: 'one__elicit', arguments: {} });
    assert.deepEqual(content, [{ type: 'text', text: 'accept green' }]);
    let changed = 0;
    client.setNotificationHandler('notifications/tools/list_changed', () => {
      changed += 1;
    });
    const subscription = await client.listen({ toolsListChanged: true });
    await client.callTool({ name: 'one__grow', arguments: {} });
    await eventually(() => changed > 0);
    await subscription.close();
    await client.close();
  });
});

describe('the old HTTP+SSE pair', () => {
  let gateway: TestGateway;

  before(async () => {
    const { entry } = await matrixServer('legacy', 'stdio');
    gateway = await startTestGateway({ servers: { one: entry } });
  });
  after(async () => gateway.stop());

  async function connect(where: string): Promise<Client> {
    const client = askable();
    const headers = { authorization: `Bearer ${gateway.token}` };
    const withToken = async (url: string | URL, init?: RequestInit): Promise<Response> =>
      await fetch(url, { ...init, headers: { ...headers, accept: 'text/event-stream' } });
    await client.connect(
      // eslint-disable-next-line @typescript-eslint/no-deprecated -- what is tested is for clients that know nothing else
      new SSEClientTransport(new URL(gateway.base + where), {
        eventSourceInit: { fetch: withToken },
        requestInit: { headers },
      }),
    );
    return client;
  }

  it('serves all servers at /sse and one at /servers/<name>/sse, including server requests', async () => {
    const client = await connect('/sse');
    assert.equal(await textOf(client, 'one__echo', { message: 'hello' }), 'hello');
    assert.equal(await textOf(client, 'one__elicit'), 'accept green');
    const one = await connect('/servers/one/sse');
    assert.equal(await textOf(one, 'echo', { message: 'again' }), 'again');
    await client.close();
    await one.close();
  });

  it('requires the token, and accepts no message for a stream that does not exist', async () => {
    assert.equal((await fetch(`${gateway.base}/sse`)).status, 401);
    const sent = await gateway.fetch('/sse/message?sessionId=nobody', { method: 'POST', body: '{}' });
    assert.equal(sent.status, 404);
  });
});
