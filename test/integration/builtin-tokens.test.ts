import assert from 'node:assert/strict';
import { readFile, stat, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { eventually } from '../support/eventually';
import { ownServer, realServers, startTestGateway, type TestGateway } from '../support/gateway';
import { RawClient } from '../support/raw-client';

interface Made {
  token: string;
  name: string;
}

describe('named tokens', () => {
  let gateway: TestGateway;
  let admin: string;

  before(async () => {
    gateway = await startTestGateway({ servers: { ...realServers, good: ownServer('nasty') } });
    admin = (await readFile(path.join(gateway.folder, 'state/admin-token'), 'utf8')).trim();
  });
  after(async () => gateway.stop());

  const api = async (method: string, where: string, body?: object, token = admin): Promise<Response> =>
    await fetch(`${gateway.base}/api/${where}`, {
      method,
      headers: { authorization: `Bearer ${token}` },
      ...(body ? { body: JSON.stringify(body) } : {}),
    });

  const make = async (rules: object): Promise<Made> => {
    const reply = await api('POST', 'tokens', rules);
    assert.equal(reply.status, 201, await reply.clone().text());
    return (await reply.json()) as Made;
  };

  const open = async ({ token }: Made, where = '/mcp'): Promise<RawClient> =>
    await RawClient.open({ base: gateway.base, token }, where);

  const listed = async (client: RawClient, method: string, key: string): Promise<string[]> => {
    const answer = JSON.parse((await client.request(method, '{}')).toString()) as {
      result: Record<string, { name: string; uri?: string }[]>;
    };
    return (answer.result[key] ?? []).map(({ name, uri }) => uri ?? name);
  };

  it('are made, listed and revoked with the admin token alone', async () => {
    for (const [method, where] of [
      ['GET', 'tokens'],
      ['POST', 'tokens'],
      ['DELETE', 'tokens/x'],
    ] as const) {
      const reply = await api(method, where, method === 'POST' ? { name: 'x' } : undefined, gateway.token);
      assert.equal(reply.status, 403);
      assert.match(await reply.text(), /This request needs the admin token.*MCP_GATEWAY_ADMIN_TOKEN/);
    }
    const made = await make({ name: 'plain' });
    assert.match(made.token, /^mcpgw_[A-Za-z0-9_-]{43}$/);
    const list = await (await api('GET', 'tokens')).text();
    assert.match(list, /"name":"plain"/);
    assert.doesNotMatch(list, /hash/);
    assert.equal((await api('DELETE', 'tokens/plain')).status, 204);
    assert.equal((await api('DELETE', 'tokens/plain')).status, 404);
  });

  it('are kept as hashes, in a file for its owner alone', async () => {
    const { token } = await make({ name: 'kept' });
    const file = path.join(gateway.folder, 'state/tokens.json');
    assert.ok(!(await readFile(file, 'utf8')).includes(token));
    if (process.platform !== 'win32') assert.equal((await stat(file)).mode & 0o777, 0o600);
  });

  const wrong: [string, object, number, RegExp][] = [
    ['no name', {}, 400, /\\"name\\"/],
    ['a name of the gateway', { name: 'default' }, 400, /reserved for the gateway/],
    ['an unknown rule', { name: 'x', allow: ['a'] }, 400, /\\"allow\\"/],
    ['a quota of nothing', { name: 'x', quota: { perHour: 0 } }, 400, /\\"quota.perHour\\"/],
    ['more than is taken', { name: 'x'.repeat(300_000) }, 413, /larger than 262144 bytes/],
    ['a name that is in use', { name: 'kept' }, 409, /There is already a token \\"kept\\"/],
  ];
  for (const [what, rules, status, expected] of wrong) {
    it(`are not made with ${what}`, async () => {
      const reply = await api('POST', 'tokens', rules);
      assert.equal(reply.status, status);
      assert.match(await reply.text(), expected);
    });
  }

  it('see and use what their patterns allow, and get a reason for what is refused', async () => {
    const client = await open(
      await make({
        name: 'reader',
        tools: { allow: ['filesystem__read_*', 'everything'], deny: ['*__get-env'] },
      }),
    );
    const tools = await listed(client, 'tools/list', 'tools');
    assert.ok(tools.includes('filesystem__read_text_file') && tools.includes('everything__echo'));
    assert.deepEqual(
      tools.filter((name) => /^(memory|good)__|__get-env$|__write/.test(name)),
      [],
    );
    assert.match(
      (
        await client.request('tools/call', '{"name":"everything__echo","arguments":{"message":"hi"}}')
      ).toString(),
      /Echo: hi/,
    );
    for (const name of ['everything__get-env', 'filesystem__write_file', 'good__ping']) {
      const answer = (await client.request('tools/call', `{"name":"${name}","arguments":{}}`)).toString();
      assert.match(answer, new RegExp(`The token \\\\"reader\\\\" has no permission for the tool ${name}`));
    }
    assert.ok((await listed(client, 'resources/list', 'resources')).length > 0);
    assert.ok((await listed(client, 'prompts/list', 'prompts')).includes('everything__simple-prompt'));
  });

  it('find no way around their patterns by URI or by subscription', async () => {
    const client = await open(await make({ name: 'narrow', tools: { allow: ['good'] } }));
    const uri = 'demo://resource/static/document/features.md';
    for (const method of ['resources/read', 'resources/subscribe'])
      assert.match((await client.request(method, JSON.stringify({ uri }))).toString(), /-32002/);
    const ruled = await open(await make({ name: 'narrower', tools: { allow: ['good__ping'] } }));
    for (const method of ['resources/read', 'resources/subscribe'])
      assert.match((await ruled.request(method, JSON.stringify({ uri }))).toString(), /-32003/);
  });

  it('cannot use methods that the gateway does not know', async () => {
    const made = await make({ name: 'guarded', tools: { allow: ['everything'] } });
    for (const [token, expected] of [
      [made.token, /-32003.*no permission for the method extension\/do/],
      [gateway.token, /-32601/],
    ] as const) {
      const client = await RawClient.open({ base: gateway.base, token }, '/servers/everything/mcp');
      assert.match((await client.request('extension/do', '{}')).toString(), expected);
    }
    const long = await RawClient.open(gateway, '/servers/everything/mcp');
    const answer = (await long.request('x'.repeat(100_000), '{}')).toString();
    assert.match(answer, /The method \\"x{256}\\" is not supported/);
  });

  it('find no way to a resource that is denied by the template that it is an expansion of', async () => {
    const one = 'demo://resource/dynamic/text/1';
    const client = await open(
      await make({
        name: 'templates',
        tools: {
          allow: ['everything'],
          deny: [`everything__${one}`, 'everything__demo://resource/static/*'],
        },
      }),
    );
    const read = async (method: string, uri: string): Promise<string> =>
      (await client.request(method, JSON.stringify({ uri }))).toString();
    assert.match(await read('resources/read', 'demo://resource/dynamic/text/2'), /"result"/);
    for (const method of ['resources/read', 'resources/subscribe'])
      for (const uri of [one, one.replace('text', 'x/../text'), one.replace('text', '%74ext'), `${one}?`])
        assert.match(await read(method, uri), /-32003/, uri);
    const resources = await listed(client, 'resources/list', 'resources');
    assert.deepEqual(
      resources.filter((uri) => uri.startsWith('demo://resource/static/')),
      [],
    );
  });

  it('that are read-only see the tools that change nothing, and every prompt', async () => {
    const client = await open(await make({ name: 'careful', readOnly: true }));
    const tools = await listed(client, 'tools/list', 'tools');
    assert.ok(tools.includes('filesystem__read_text_file'));
    assert.ok(!tools.includes('filesystem__write_file') && !tools.includes('good__ping'));
    assert.match(
      (
        await client.request(
          'tools/call',
          '{"name":"filesystem__write_file","arguments":{"path":"x","content":""}}',
        )
      ).toString(),
      /has no permission for/,
    );
    assert.ok((await listed(client, 'prompts/list', 'prompts')).length > 0);
  });

  it('have a quota', async () => {
    const client = await open(await make({ name: 'few', quota: { perHour: 2 } }));
    const call = async (): Promise<string> =>
      (await client.request('tools/call', '{"name":"good__ping","arguments":{}}')).toString();
    await call();
    await call();
    assert.match(
      await call(),
      /"code":-32005.*The token \\"few\\" has used its 2 calls of this hour.*"reason":"quota"/,
    );
  });

  it('with restrictions can use only the MCP endpoints', async () => {
    const { token } = await make({ name: 'inside', readOnly: true });
    for (const where of ['api/servers', 'api/calls', 'api/logs/good', 'metrics']) {
      const reply = await fetch(`${gateway.base}/${where}`, {
        headers: { authorization: `Bearer ${token}` },
      });
      assert.equal(reply.status, 403, where);
      assert.match(await reply.text(), /The token \\"inside\\" has restrictions/);
    }
  });

  it('do not open the session of another token', async () => {
    const client = await RawClient.open(gateway);
    const { token } = await make({ name: 'other' });
    const reply = await client.post('{"jsonrpc":"2.0","id":1,"method":"tools/list"}', {
      authorization: `Bearer ${token}`,
    });
    assert.equal(reply.status, 404);
  });

  it('that are revoked end at once, with their sessions and streams', async () => {
    const made = await make({ name: 'short' });
    const client = await open(made);
    const stream = await fetch(`${gateway.base}/api/events`, {
      headers: { authorization: `Bearer ${made.token}` },
    });
    const broken = assert.rejects(stream.text());
    assert.equal((await api('DELETE', 'tokens/short')).status, 204);
    await broken;
    assert.equal((await client.post('{"jsonrpc":"2.0","id":9,"method":"tools/list"}')).status, 401);
  });

  it('that are taken out of the file by hand end; a broken file keeps the last good state', async () => {
    const made = await make({ name: 'by-hand' });
    const client = await open(made);
    const status = async (): Promise<number> =>
      (await client.post('{"jsonrpc":"2.0","id":9,"method":"ping"}')).status;
    const file = path.join(gateway.folder, 'state/tokens.json');
    const good = await readFile(file, 'utf8');
    await writeFile(file, '{"tokens":');
    const log = async (): Promise<string> => await (await gateway.fetch('/api/logs/gateway')).text();
    await eventually(async () => (await log()).includes('tokens.json could not be read'));
    assert.equal(await status(), 200);
    assert.equal((await api('POST', 'tokens', { name: 'never' })).status, 409);
    const { tokens } = JSON.parse(good) as { tokens: { name: string }[] };
    await writeFile(file, JSON.stringify({ tokens: tokens.filter(({ name }) => name !== 'by-hand') }));
    await eventually(async () => (await status()) === 401);
  });

  it('that expire are not taken any more', async () => {
    const inMs = (ms: number): string => new Date(Date.now() + ms).toISOString();
    const client = await open(await make({ name: 'brief', expires: inMs(3_600_000) }));
    const file = path.join(gateway.folder, 'state/tokens.json');
    const { tokens } = JSON.parse(await readFile(file, 'utf8')) as { tokens: { name: string }[] };
    const sooner = tokens.map((token) =>
      token.name === 'brief' ? { ...token, expires: inMs(3000) } : token,
    );
    await writeFile(file, JSON.stringify({ tokens: sooner }));
    await eventually(
      async () => (await client.post('{"jsonrpc":"2.0","id":9,"method":"ping"}')).status === 401,
    );
  });

  it('are redacted in logs, and the audit shows their names', async () => {
    const { token } = await make({ name: 'audited' });
    const client = await open({ token, name: 'audited' });
    await client.request('resources/read', JSON.stringify({ uri: `demo://x/${token}` }));
    await client.request('tools/call', '{"name":"good__ping","arguments":{}}');
    const audit = await readFile(path.join(gateway.folder, 'state/audit/audit.jsonl'), 'utf8');
    assert.match(audit, /"token":"audited".*"name":"demo:\/\/x\/<redacted>"/);
    assert.ok(!audit.includes(token));
  });
});
