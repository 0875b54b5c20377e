import { builtin } from '../../src/kinds/builtin/kind';
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { Client as ModernClient } from '@modelcontextprotocol/client';
import { StdioClientTransport as ModernStdio } from '@modelcontextprotocol/client/stdio';
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StdioClientTransport } from '@modelcontextprotocol/sdk/client/stdio.js';
import {
  CreateMessageRequestSchema,
  ToolListChangedNotificationSchema,
} from '@modelcontextprotocol/sdk/types.js';
import type { GatewayManager } from '../../src/gateway/manager';
import { workspaceManager } from '../../src/gateway/workspace';
import { initialize, initialized } from '../support/bridge';
import { eventually, patienceMs } from '../support/eventually';
import { freePort, startEverythingHttp } from '../support/everything-http';
import { realServers, root, startTestGateway, type TestGateway } from '../support/gateway';
import { legacySession, startRawEndpoint } from '../support/raw-endpoint';

const token = 'bridge-clients-token';

describe('real MCP clients that start "devcontainer-gateway connect"', () => {
  let port: number;
  let gateway: TestGateway;

  const start = async (): Promise<TestGateway> =>
    await startTestGateway({
      servers: { everything: realServers.everything, filesystem: realServers.filesystem },
      args: ['--port', String(port)],
      env: { MCP_GATEWAY_AUTH_TOKEN: token },
    });

  const command = (url: string) => ({
    command: process.execPath,
    args: [path.join(root, 'dist/cli.js'), 'connect', '--url', url],
    env: { MCP_GATEWAY_AUTH_TOKEN: token },
    stderr: 'ignore' as const,
  });

  before(async () => {
    port = await freePort();
    gateway = await start();
  });
  after(async () => await gateway.stop());

  it('lists, calls, gets progress and survives a restart with the v1 client', async () => {
    const client = new Client({ name: 'v1-test', version: '1' });
    let changes = 0;
    client.setNotificationHandler(ToolListChangedNotificationSchema, () => void (changes += 1));
    const transport = new StdioClientTransport(command(gateway.url));
    await client.connect(transport);
    const { tools } = await client.listTools();
    assert.ok(tools.some(({ name }) => name === 'filesystem__read_text_file'));
    const progress: number[] = [];
    const arrived: unknown[] = [];
    const take = transport.onmessage;
    transport.onmessage = (message) => {
      if ('method' in message && message.method === 'notifications/progress')
        arrived.push(message.params?.['progress']);
      else if ('result' in message) arrived.push('result');
      take?.(message);
    };
    await client.callTool(
      { name: 'everything__trigger-long-running-operation', arguments: { duration: 0.2, steps: 4 } },
      undefined,
      { onprogress: (note) => progress.push(note.progress) },
    );
    assert.deepEqual(arrived, [1, 2, 3, 4, 'result']);
    // This client passes over a report that it reads together with the result.
    assert.deepEqual(progress.slice(0, 3), [1, 2, 3]);
    await gateway.stop();
    gateway = await start();
    const result = await client.callTool({ name: 'everything__echo', arguments: { message: 'again' } });
    assert.deepEqual(result.content, [{ type: 'text', text: 'Echo: again' }]);
    await eventually(() => changes > 0);
    await client.close();
  });

  for (const mode of ['auto', 'legacy'] as const) {
    it(`lists, calls and survives a restart with the v2 client (${mode})`, async () => {
      const client = new ModernClient({ name: 'v2-test', version: '1' }, { versionNegotiation: { mode } });
      await client.connect(new ModernStdio(command(gateway.url)));
      assert.equal(client.getNegotiatedProtocolVersion(), mode === 'auto' ? '2026-07-28' : '2025-11-25');
      const call = async (): Promise<void> => {
        const result = await client.callTool({ name: 'everything__get-sum', arguments: { a: 2, b: 3 } });
        assert.match(JSON.stringify(result.content), /sum of 2 and 3 is 5/);
      };
      await call();
      await gateway.stop();
      gateway = await start();
      await call();
      const { prompts } = await client.listPrompts();
      assert.ok(prompts.length > 0);
      await client.close();
    });
  }

  it('falls back to the legacy era of a server that knows no other, and carries its questions', async () => {
    const server = await startEverythingHttp();
    try {
      const modern = new ModernClient({ name: 'v2', version: '1' }, { versionNegotiation: { mode: 'auto' } });
      await modern.connect(new ModernStdio(command(server.url)));
      assert.equal(modern.getNegotiatedProtocolVersion(), '2025-11-25');
      await modern.close();
      const client = new Client({ name: 'v1', version: '1' }, { capabilities: { sampling: {} } });
      client.setRequestHandler(CreateMessageRequestSchema, () => ({
        role: 'assistant' as const,
        model: 'm',
        content: { type: 'text' as const, text: 'sampled here' },
      }));
      await client.connect(new StdioClientTransport(command(server.url)));
      const result = await client.callTool({
        name: 'trigger-sampling-request',
        arguments: { prompt: 'hello' },
      });
      assert.match(JSON.stringify(result.content), /sampled here/);
      await client.close();
    } finally {
      await server.kill();
    }
  });
});

describe('"devcontainer-gateway connect"', () => {
  it('ends its session and exits 0 on SIGTERM, with nothing but messages on standard output', async () => {
    const endpoint = await startRawEndpoint(legacySession('s1', () => undefined));
    const child = spawn(
      process.execPath,
      [path.join(root, 'dist/cli.js'), 'connect', '--url', endpoint.url],
      { env: { MCP_GATEWAY_AUTH_TOKEN: token }, stdio: 'pipe' },
    );
    let stdout = '';
    let stderr = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => (stdout += text));
    child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text));
    child.stdin.write(`${initialize}\n${initialized}\n{"jsonrpc":"2.0","id":9,"method":"tools/call"}\n`);
    await eventually(() => endpoint.seen.some((request) => request.body.includes('tools/call')));
    const exit = once(child, 'exit');
    child.kill('SIGTERM');
    assert.deepEqual(await exit, [0, null]);
    await eventually(() => endpoint.seen.some((request) => request.method === 'DELETE'));
    await endpoint.stop();
    assert.deepEqual(
      stdout.split('\n').map((line) => line.slice(0, 30)),
      ['{"jsonrpc":"2.0","id":"init",""', ''].map((line) => line.slice(0, 30)),
    );
    assert.ok(!(stdout + stderr).includes(token));
  });
});

describe('"devcontainer-gateway connect" in a workspace', () => {
  let workspace: string;
  let env: NodeJS.ProcessEnv & Record<string, string>;
  let manager: GatewayManager;
  const work = { signal: new AbortController().signal, progress: () => undefined };

  before(async () => {
    workspace = await mkdtemp(path.join(os.tmpdir(), 'bridge-workspace-'));
    const folder = path.join(workspace, '.devcontainer/mcp-gateway');
    await mkdir(folder, { recursive: true });
    await mkdir(path.join(workspace, 'deep/inside'), { recursive: true });
    await writeFile(path.join(workspace, '.devcontainer/devcontainer.json'), '{"image":"debian"}');
    const { command: program, args } = realServers.everything;
    const servers = { everything: { command: program, args } };
    await writeFile(path.join(folder, 'servers.json'), JSON.stringify({ servers }));
    env = { PATH: process.env['PATH'] ?? '', HOME: workspace, XDG_STATE_HOME: path.join(workspace, 'state') };
    manager = await workspaceManager({ cwd: workspace, env }, { kind: builtin, local: true });
  });
  after(async () => {
    await manager.down(work);
    await rm(workspace, { recursive: true, force: true });
  });

  it('finds the gateway without any variable, from a folder within, and again at its next port', async () => {
    await manager.up({ ...work, build: false, timeoutMs: patienceMs });
    const first = (await manager.address(work.signal)).url.port;
    const client = new Client({ name: 'v1-test', version: '1' });
    await client.connect(
      new StdioClientTransport({
        command: process.execPath,
        args: [path.join(root, 'dist/cli.js'), 'connect'],
        env,
        cwd: path.join(workspace, 'deep/inside'),
        stderr: 'ignore',
      }),
    );
    const echo = async (message: string): Promise<void> => {
      const result = await client.callTool({ name: 'everything__echo', arguments: { message } });
      assert.deepEqual(result.content, [{ type: 'text', text: `Echo: ${message}` }]);
    };
    await echo('one');
    await manager.down(work);
    await manager.up({ ...work, build: false, timeoutMs: patienceMs });
    const second = (await manager.address(work.signal)).url.port;
    await echo('two');
    await client.close();
    assert.notEqual(first, second);
  });
});
