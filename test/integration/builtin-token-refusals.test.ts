import assert from 'node:assert/strict';
import { readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { auditOf, type AuditEntry } from '../support/audit';
import { eventually } from '../support/eventually';
import { ownServer, realServers, startTestGateway, type TestGateway } from '../support/gateway';
import { RawClient } from '../support/raw-client';

const hidden = 'everything';
const unknown = 'everywhere';

describe('what a token may not see', () => {
  let gateway: TestGateway;
  let token: string;
  let client: RawClient;

  const makeToken = async (rules: object): Promise<string> => {
    const admin = (await readFile(path.join(gateway.folder, 'state/admin-token'), 'utf8')).trim();
    const reply = await fetch(`${gateway.base}/api/tokens`, {
      method: 'POST',
      headers: { authorization: `Bearer ${admin}` },
      body: JSON.stringify(rules),
    });
    return ((await reply.json()) as { token: string }).token;
  };

  before(async () => {
    gateway = await startTestGateway({ servers: { ...realServers, good: ownServer('nasty') } });
    token = await makeToken({
      name: 'narrow',
      tools: { allow: ['good', 'memory__read_graph', 'memory__mem://open/*'] },
    });
    client = await RawClient.open({ base: gateway.base, token });
  });
  after(async () => gateway.stop());

  /** The refused calls of the token `narrow` that are about a name. */
  const refused = async (name: string, audit = auditOf(gateway)): Promise<AuditEntry[]> =>
    (await audit).filter((line) => line.name === name && line.outcome === 'refused');

  const pairs: [string, string, (name: string) => object, string, string][] = [
    ['a tool', 'tools/call', (name) => ({ name, arguments: {} }), 'everything__echo', 'everything__ohce'],
    [
      'a prompt',
      'prompts/get',
      (name) => ({ name }),
      'everything__simple-prompt',
      'everything__simple-tpmorp',
    ],
    [
      'a resource',
      'resources/read',
      (uri) => ({ uri }),
      'demo://resource/static/document/features.md',
      'demo://resource/static/document/serutaef.md',
    ],
    [
      'a resource to subscribe to',
      'resources/subscribe',
      (uri) => ({ uri }),
      'demo://resource/static/document/startup.md',
      'demo://resource/static/document/putrats.md',
    ],
    [
      'a prompt to complete',
      'completion/complete',
      (name) => ({ ref: { type: 'ref/prompt', name }, argument: { name: 'a', value: '' } }),
      'everything__args-prompt',
      'everything__sgra-prompt',
    ],
    [
      'a template to complete',
      'completion/complete',
      (uri) => ({ ref: { type: 'ref/resource', uri }, argument: { name: 'a', value: '' } }),
      'demo://resource/dynamic/text/{resourceId}',
      'demo://resource/dynamic/txet/{resourceId}',
    ],
  ];
  for (const [what, method, params, here, nowhere] of pairs)
    it(`does not exist for it: ${what}`, async () => {
      // The token that sees only tools of one server cannot ask every server for a resource.
      const strict = await RawClient.open({
        base: gateway.base,
        token: await makeToken({ name: `strict-${here.length}`, tools: { allow: ['good__*ping'] } }),
      });
      const answers = await Promise.all(
        [here, nowhere].map(async (name) => {
          const answer = (await strict.request(method, JSON.stringify(params(name)))).toString();
          assert.match(answer, /"code":-32003/);
          assert.equal((await refused(name)).length, 1, 'one audit line');
          return answer.replaceAll(name, 'NAME').replace(/"id":\d+/, '');
        }),
      );
      assert.equal(answers[0], answers[1]);
    });

  it('does not exist for it: the endpoint of a server', async () => {
    for (const end of ['mcp', 'sse', 'other']) {
      for (const method of ['POST', 'GET', 'DELETE', 'OPTIONS']) {
        const answers = await Promise.all(
          [hidden, unknown].map(async (name) => {
            const reply = await fetch(`${gateway.base}/servers/${name}/${end}`, {
              method,
              headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
              ...(method === 'POST' ? { body: '{"jsonrpc":"2.0","id":1,"method":"ping"}' } : {}),
            });
            const headers = [...reply.headers].filter(([key]) => key !== 'date' && key !== 'content-length');
            return { status: reply.status, headers, body: (await reply.text()).replaceAll(name, 'NAME') };
          }),
        );
        assert.equal(answers[0]?.status, 404);
        assert.deepEqual(answers[0], answers[1]);
      }
      assert.equal((await refused(`/servers/${hidden}/${end}`)).length, 4);
      assert.equal((await refused(`/servers/${unknown}/${end}`)).length, 4);
    }
    const [line] = await refused(`/servers/${hidden}/mcp`);
    assert.equal(line?.server, hidden, 'the audit names the server, the answer does not');
  });

  it('is nowhere in what the token sees of the gateway', async () => {
    const seen = await Promise.all(
      ['tools/list', 'prompts/list', 'resources/list', 'resources/templates/list'].map(async (method) =>
        (await client.request(method, '{}')).toString(),
      ),
    );
    assert.doesNotMatch(seen.join(''), /everything|demo:/);
    const reply = await fetch(`${gateway.base}/mcp`, {
      method: 'POST',
      headers: {
        authorization: `Bearer ${token}`,
        'content-type': 'application/json',
        accept: 'application/json, text/event-stream',
      },
      body: '{"jsonrpc":"2.0","id":0,"method":"initialize","params":{"protocolVersion":"2025-11-25","capabilities":{}}}',
    });
    assert.doesNotMatch(await reply.text(), /everything/);
  });

  it('is refused in a subscription of 2026-07-28 too, with an audit line', async () => {
    const uri = 'mem://closed/a';
    const params = JSON.stringify({ notifications: { resourceSubscriptions: [uri] } });
    const answer = (
      await RawClient.open({
        base: gateway.base,
        token: await makeToken({ name: 'strict', tools: { allow: ['good__*ping'] } }),
      }).then(async (strict) => await strict.modernRequest('subscriptions/listen', params))
    ).toString();
    assert.doesNotMatch(answer, /closed/);
    assert.equal((await refused(uri)).length, 1);
  });

  it('is audited when it is asked for: reads and changes of the API, and the metrics', async () => {
    const get = async (where: string, bearer: string, method = 'GET'): Promise<number> =>
      (await fetch(`${gateway.base}${where}`, { method, headers: { authorization: `Bearer ${bearer}` } }))
        .status;
    for (const where of ['/api/servers', '/api/tools', '/metrics']) {
      assert.equal(await get(where, token), 403);
      assert.equal((await refused(where)).length, 1);
    }
    assert.equal(await get('/api/tokens', gateway.token), 403);
    const [line] = await refused('/api/tokens');
    assert.equal(line?.token, 'default');
  });

  it('is counted, and logged once a minute for each token', async () => {
    const name = 'memory__delete_entities';
    const countOf = async (): Promise<number> => {
      const text = await (await gateway.fetch('/metrics')).text();
      return Number(
        /mcp_gateway_refusals_total\{server="memory",reason="filter"\} (\d+)/.exec(text)?.[1] ?? 0,
      );
    };
    const before = await countOf();
    for (let i = 0; i < 3; i += 1) {
      const answer = await client.request('tools/call', JSON.stringify({ name, arguments: {} }));
      assert.match(answer.toString(), /-32003/);
    }
    assert.equal(await countOf(), before + 3);
    assert.equal((await refused(name)).length, 3);
    const log = await (await gateway.fetch('/api/logs/gateway')).text();
    assert.equal(log.match(/Refused: The token .{0,2}narrow/g)?.length, 1, log);
  });

  it('makes no series of its own for each name that a client makes up', async () => {
    for (let i = 0; i < 20; i += 1)
      await client.request('tools/call', JSON.stringify({ name: `made-up-${i}`, arguments: {} }));
    const text = await (await gateway.fetch('/metrics')).text();
    assert.doesNotMatch(text, /made-up/);
  });

  it('ends what is open when the rules of a token change', async () => {
    const changed = await makeToken({ name: 'changed', tools: { allow: ['good'] } });
    const open = await RawClient.open({ base: gateway.base, token: changed });
    const stream = await fetch(`${gateway.base}/mcp`, {
      headers: {
        authorization: `Bearer ${changed}`,
        accept: 'text/event-stream',
        'mcp-session-id': open.session,
      },
    });
    const ended = stream.text().catch(() => 'broken');
    const file = path.join(gateway.folder, 'state/tokens.json');
    const text = await readFile(file, 'utf8');
    const { tokens } = JSON.parse(text) as { tokens: { name: string; tools: object }[] };
    for (const one of tokens) if (one.name === 'changed') one.tools = { allow: ['memory'], deny: [] };
    await writeFile(file, JSON.stringify({ tokens }));
    await ended;
    await eventually(
      async () => (await open.post('{"jsonrpc":"2.0","id":9,"method":"ping"}')).status === 404,
    );
  });
});
