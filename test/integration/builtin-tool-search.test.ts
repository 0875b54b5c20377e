import assert from 'node:assert/strict';
import { readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { eventually } from '../support/eventually';
import { ownServer, realServers, startTestGateway, type TestGateway } from '../support/gateway';
import { ListedServer, tool } from '../support/listed-server';
import { RawClient } from '../support/raw-client';
import { openStream } from '../support/stream';

interface Savings {
  estimate: string;
  fullListTokens: number;
  shownTokens: number;
  savedTokens: number;
}

interface Found {
  result: {
    structuredContent: { tools: { name: string }[] };
    _meta: { 'devcontainer-gateway/tokens': Savings };
  };
}

describe('tool search in place of the list of all tools', () => {
  const full = {
    ...tool('find_tool', { title: 'Draw', description: 'Draws a picture of a cat.' }),
    outputSchema: { type: 'object' },
    icons: [{ src: 'data:,' }],
    annotations: { readOnlyHint: true },
  };
  const repeats = {
    name: 'repeats',
    inputSchema: {
      type: 'object',
      properties: { region: { type: 'string', 'x-mcp-header': 'Region' } },
    },
  };
  let listed: ListedServer;
  let gateway: TestGateway;
  let client: RawClient;
  const servers = (): Record<string, object> => ({
    ...realServers,
    n: ownServer('nasty', 'good'),
    raw: ownServer('raw', path.join(listed.folder, 'recorded')),
    plain: { ...listed.entry, prefix: 'never' },
  });
  const write = async (settings: object): Promise<void> =>
    writeFile(
      path.join(gateway.folder, 'servers.json'),
      JSON.stringify({ servers: servers(), gateway: settings }),
    );
  const find = async (query: string, limit = 5): Promise<Found['result']> => {
    const params = JSON.stringify({ name: 'find_tool', arguments: { query, limit } });
    return (JSON.parse((await client.request('tools/call', params)).toString()) as Found).result;
  };
  const names = async (query: string): Promise<string[]> =>
    (await find(query)).structuredContent.tools.map(({ name }) => name);
  const call = async (name: string, args = '{}'): Promise<string> =>
    (
      await client.request(
        'tools/call',
        `{"name":"call_tool","arguments":{"name":"${name}","arguments":${args}}}`,
      )
    ).toString();

  before(async () => {
    listed = await ListedServer.make({ tools: [full, repeats] });
    gateway = await startTestGateway({
      servers: JSON.stringify({ servers: servers(), gateway: { toolSearch: true } }),
    });
    client = await RawClient.open(gateway);
  });
  after(async () => {
    await gateway.stop();
    await listed.remove();
  });

  it('lists two tools, in both eras; one server’s end point keeps its list', async () => {
    const two = /"tools":\[\{"name":"find_tool".*\},\{"name":"call_tool".*\}\]/;
    for (const answer of [
      await client.request('tools/list', '{}'),
      await client.modernRequest('tools/list', '{}'),
    ]) {
      assert.match(answer.toString(), two);
      assert.doesNotMatch(answer.toString(), /n__ping/);
    }
    const one = await RawClient.open(gateway, '/servers/n/mcp');
    assert.match((await one.request('tools/list', '{}')).toString(), /"name":"ping"/);
  });

  it('finds what a task needs among the tools of real servers, also by its name, by its beginning and misspelt', async () => {
    const wanted = [
      ['read a text file', 'filesystem__read_text_file'],
      ['list what is in a directory', 'filesystem__list_directory'],
      ['move or rename a file', 'filesystem__move_file'],
      ['create entities in the knowledge graph', 'memory__create_entities'],
      ['filesystem__edit_file', 'filesystem__edit_file'],
      ['knowl graph', 'memory__read_graph'],
      ['draw a pictur of a cat', 'find_tool'],
    ] as const;
    for (const [query, name] of wanted) {
      const best = (await names(query)).slice(0, 3);
      assert.ok(best.includes(name), `${query}: ${best.join(', ')}`);
    }
    assert.deepEqual(await names('zzzzqqq'), []);
    assert.equal((await find('file', 2)).structuredContent.tools.length, 2);
  });

  it('returns whole definitions, and says how much was saved', async () => {
    const params = '{"name":"find_tool","arguments":{"query":"picture of a cat","limit":1}}';
    for (const answer of [
      await client.request('tools/call', params),
      await client.modernRequest('tools/call', params, 'find_tool'),
    ])
      assert.ok(answer.toString().includes(`"structuredContent":{"tools":[${JSON.stringify(full)}]}`));
    const saved = (await find('cat', 1))._meta['devcontainer-gateway/tokens'];
    const document = (await (await gateway.fetch('/api/servers')).json()) as {
      gateway: { toolSearch: Savings };
    };
    for (const tokens of [saved, document.gateway.toolSearch]) {
      assert.equal(tokens.estimate, 'bytes / 4');
      assert.equal(tokens.savedTokens, tokens.fullListTokens - tokens.shownTokens);
      assert.ok(tokens.savedTokens > 2000);
    }
  });

  it('calls what was found as a direct call would: the same bytes there and back, the same errors', async () => {
    const args = '{"big":12345678901234567890, "order":{"b":1,"a":1.0},"é":"\\u00e9"}';
    await call('raw__record', args);
    const recorded = (await readFile(path.join(listed.folder, 'recorded'))).toString();
    assert.ok(recorded.includes(`"arguments":${args}`), recorded);
    const direct = (await client.request('tools/call', '{"name":"n__none","arguments":{}}')).toString();
    assert.equal(stripId(await call('n__none')), stripId(direct));
    assert.match(
      await call('find_tool'),
      /find_tool by \d+/,
      'a server’s tool of that name is reached by call_tool',
    );
    assert.match(
      (await client.request('tools/call', '{"name":"n__ping","arguments":{}}')).toString(),
      /ping of/,
    );
    const noName = '{"name":"call_tool","arguments":{"arguments":{}}}';
    assert.match(
      (await client.request('tools/call', noName)).toString(),
      /-32602.*needs the argument \\"name\\"/,
    );
    const file = path.join(listed.folder, 'answer.json');
    const result = '{"content":[],"x":1e400, "structuredContent":{"n":10000000000000000001}}';
    await writeFile(file, result);
    assert.ok((await call('raw__raw', JSON.stringify({ file }))).endsWith(`"result":${result}}`));
    const repeated = '{"name":"call_tool","arguments":{"name":"repeats","arguments":{"region":"eu"}}}';
    assert.match(
      (await client.modernRequest('tools/call', repeated, 'call_tool')).toString(),
      /repeats by \d+/,
      'no header repeats what stands in the arguments of call_tool',
    );
    const modern = `{"name":"call_tool","arguments":{"name":"n__ping","arguments":{}}}`;
    assert.match((await client.modernRequest('tools/call', modern, 'call_tool')).toString(), /ping of/);
  });

  it('passes progress and cancellation as a direct call does', async () => {
    const withProgress =
      '{"name":"call_tool","arguments":{"name":"n__progress"},"_meta":{"progressToken":"tok"}}';
    const response = await client.post(
      `{"jsonrpc":"2.0","id":"p","method":"tools/call","params":${withProgress}}`,
    );
    assert.equal((await response.text()).match(/"progressToken":"tok"/g)?.length, 3);
    const never = client.post(
      `{"jsonrpc":"2.0","id":"n","method":"tools/call","params":{"name":"call_tool","arguments":{"name":"n__never"}}}`,
    );
    await eventually(async () =>
      (await (await gateway.fetch('/api/calls')).text()).includes('"name":"never"'),
    );
    await client.post('{"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":"n"}}');
    await (await never).text();
    await eventually(async () => (await call('n__ping')).includes('cancelled: 1'));
  });

  it('is switched by an edit of the file; clients are notified that the list has changed', async () => {
    const stream = await openStream(gateway, '/mcp', { 'mcp-session-id': client.session });
    await write({});
    await eventually(() => stream.text().includes('notifications/tools/list_changed'));
    assert.match((await client.request('tools/list', '{}')).toString(), /n__ping/);
    assert.match(
      (await client.request('tools/call', '{"name":"find_tool","arguments":{}}')).toString(),
      /by \d+/,
    );
    stream.close();
  });
});

function stripId(answer: string): string {
  return answer.replace(/"id":\d+,/, '');
}
