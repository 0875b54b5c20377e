import assert from 'node:assert/strict';
import {
  Client as ModernClient,
  StreamableHTTPClientTransport as ModernTransport,
} from '@modelcontextprotocol/client';
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import { ResourceUpdatedNotificationSchema } from '@modelcontextprotocol/sdk/types.js';
import { eventually } from '../support/eventually';
import { realServers, startTestGateway, type TestGateway } from '../support/gateway';

describe('real MCP clients behind the gateway', () => {
  let gateway: TestGateway;

  before(async () => {
    gateway = await startTestGateway({ servers: realServers });
  });
  after(async () => gateway.stop());

  async function v1(path = '/mcp'): Promise<Client> {
    const client = new Client({ name: 'v1-test', version: '1' });
    const headers = { authorization: `Bearer ${gateway.token}` };
    const transport = new StreamableHTTPClientTransport(new URL(gateway.base + path), {
      requestInit: { headers },
    });
    await client.connect(transport);
    return client;
  }

  async function v2(mode: 'auto' | 'legacy', path = '/mcp'): Promise<ModernClient> {
    const client = new ModernClient({ name: 'v2-test', version: '1' }, { versionNegotiation: { mode } });
    const headers = { authorization: `Bearer ${gateway.token}` };
    await client.connect(new ModernTransport(new URL(gateway.base + path), { requestInit: { headers } }));
    return client;
  }

  it('lists the tools of three servers under prefixed names and calls them with the v1 client', async () => {
    const client = await v1();
    const { tools } = await client.listTools();
    const names = tools.map(({ name }) => name);
    for (const name of ['everything__echo', 'filesystem__read_text_file', 'memory__read_graph'])
      assert.ok(names.includes(name), name);
    const result = await client.callTool({ name: 'everything__echo', arguments: { message: 'hello' } });
    assert.deepEqual(result.content, [{ type: 'text', text: 'Echo: hello' }]);
    await client.close();
  });

  for (const mode of ['auto', 'legacy'] as const) {
    it(`lists and calls with the v2 client (${mode})`, async () => {
      const client = await v2(mode);
      assert.equal(client.getNegotiatedProtocolVersion(), mode === 'auto' ? '2026-07-28' : '2025-11-25');
      const { tools } = await client.listTools();
      assert.ok(tools.some(({ name }) => name === 'memory__create_entities'));
      const result = await client.callTool({ name: 'everything__get-sum', arguments: { a: 2, b: 3 } });
      assert.match(JSON.stringify(result.content), /sum of 2 and 3 is 5/);
      const { prompts } = await client.listPrompts();
      assert.ok(prompts.some(({ name }) => name.startsWith('everything__')));
      const { resources } = await client.listResources();
      const [first] = resources;
      assert.ok(first);
      const read = await client.readResource({ uri: first.uri });
      assert.equal(read.contents[0]?.uri, first.uri);
      await client.close();
    });
  }

  it('gives every progress notification before the result, to the caller alone', async () => {
    const client = await v1();
    const progress: number[] = [];
    await client.callTool(
      { name: 'everything__trigger-long-running-operation', arguments: { duration: 0.2, steps: 4 } },
      undefined,
      {
        onprogress: (note) => progress.push(note.progress),
      },
    );
    assert.deepEqual(progress, [1, 2, 3, 4]);
    await client.close();
  });

  it('completes arguments of prompts and of resource templates at the server that owns them', async () => {
    const client = await v1();
    const { prompts } = await client.listPrompts();
    const prompt = prompts.find(({ name }) => name.includes('completable'));
    assert.ok(prompt);
    const { completion } = await client.complete({
      ref: { type: 'ref/prompt', name: prompt.name },
      argument: { name: 'department', value: 'E' },
    });
    assert.deepEqual(completion.values, ['Engineering']);
    const { resourceTemplates } = await client.listResourceTemplates();
    assert.ok(resourceTemplates.length > 0);
    await client.close();
  });

  it('sends updates of a subscribed resource to the session that asked and to no other', async () => {
    const [watching, other] = [await v1(), await v1()];
    const [seen, unwanted]: [string[], string[]] = [[], []];
    watching.setNotificationHandler(
      ResourceUpdatedNotificationSchema,
      (note) => void seen.push(note.params.uri),
    );
    other.setNotificationHandler(
      ResourceUpdatedNotificationSchema,
      (note) => void unwanted.push(note.params.uri),
    );
    const uri =
      (await watching.listResources()).resources.find((resource) => resource.uri.startsWith('demo://'))
        ?.uri ?? '';
    await watching.subscribeResource({ uri });
    await watching.callTool({ name: 'everything__toggle-subscriber-updates', arguments: {} });
    await eventually(() => seen.includes(uri), 'an update');
    assert.deepEqual(unwanted, []);
    await watching.callTool({ name: 'everything__toggle-subscriber-updates', arguments: {} });
    await Promise.all([watching.close(), other.close()]);
  });

  it('shows one server without prefix at its own path', async () => {
    const client = await v1('/servers/everything/mcp');
    const { tools } = await client.listTools();
    assert.ok(tools.some(({ name }) => name === 'echo'));
    assert.ok(!tools.some(({ name }) => name.includes('read_graph')));
    await client.close();
  });

  it('names an unknown tool in the error', async () => {
    const client = await v1();
    await assert.rejects(
      client.callTool({ name: 'everything__nothing', arguments: {} }),
      /Unknown tool: everything__nothing/,
    );
    await client.close();
  });
});

describe('a Streamable HTTP server behind the gateway', () => {
  let upstream: TestGateway;
  let gateway: TestGateway;

  before(async () => {
    upstream = await startTestGateway({ servers: { everything: realServers.everything } });
    const headers = { Authorization: 'Bearer ${UPSTREAM_TOKEN}' };
    gateway = await startTestGateway({
      servers: { remote: { type: 'http', url: `${upstream.base}/servers/everything/mcp`, headers } },
      env: { UPSTREAM_TOKEN: upstream.token },
      args: ['--env', 'UPSTREAM_TOKEN'],
    });
  });
  after(async () => {
    await gateway.stop();
    await upstream.stop();
  });

  it('is listed, called and shown with its URL, and its progress arrives in order', async () => {
    const client = new Client({ name: 'v1-test', version: '1' });
    const requestInit = { headers: { authorization: `Bearer ${gateway.token}` } };
    const transport = new StreamableHTTPClientTransport(new URL(gateway.url), { requestInit });
    await client.connect(transport);
    const progress: number[] = [];
    await client.callTool(
      { name: 'remote__trigger-long-running-operation', arguments: { duration: 0.1, steps: 3 } },
      undefined,
      {
        onprogress: (note) => progress.push(note.progress),
      },
    );
    assert.deepEqual(progress, [1, 2, 3]);
    const report = (await (await gateway.fetch('/api/servers')).json()) as {
      servers: { url: string; state: string }[];
    };
    assert.deepEqual(
      report.servers.map(({ url, state }) => [url, state]),
      [[`${upstream.base}/servers/everything/mcp`, 'ready']],
    );
    await client.close();
  });

  it('fails by itself when a variable was not passed on purpose, and says which', async () => {
    const other = await startTestGateway({
      servers: {
        remote: { type: 'http', url: upstream.url, headers: { Authorization: 'Bearer ${UPSTREAM_TOKEN}' } },
      },
      env: { UPSTREAM_TOKEN: upstream.token },
    });
    const report = (await (await other.fetch('/api/servers')).json()) as {
      servers: { state: string; error: { message: string } }[];
    };
    assert.equal(report.servers[0]?.state, 'failed');
    assert.match(report.servers[0].error.message, /UPSTREAM_TOKEN has no value/);
    await other.stop();
  });
});
