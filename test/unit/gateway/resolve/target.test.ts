import assert from 'node:assert/strict';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import {
  resolveTarget,
  type TargetContext,
  type WorkspaceGateway,
} from '../../../../src/gateway/resolve/target';
import { tokenIn } from '../../../../src/gateway/resolve/token';

describe('which gateway is meant', () => {
  let folder: string;
  const own: WorkspaceGateway = {
    url: 'http://127.0.0.1:4321/mcp',
    kind: 'builtin',
    tokens: ['from-engine'],
    source: 'the container',
  };

  before(async () => {
    folder = await mkdtemp(path.join(os.tmpdir(), 'target-'));
    const wiring = path.join(folder, '.devcontainer/mcp-gateway');
    await mkdir(wiring, { recursive: true });
    await writeFile(path.join(wiring, 'token.env'), 'MCP_GATEWAY_AUTH_TOKEN=from-wiring\n');
    await writeFile(path.join(folder, 'published'), 'from-volume\n');
  });
  after(async () => await rm(folder, { recursive: true, force: true }));

  const context = (env: TargetContext['env'] = {}, more: Partial<TargetContext> = {}): TargetContext => ({
    env,
    cwd: folder,
    locateWorkspace: async () => own,
    publishedTokenFile: path.join(folder, 'absent'),
    ...more,
  });

  it('prefers --url, then MCP_GATEWAY, then MCP_GATEWAY_URL, then the workspace', async () => {
    const env = { MCP_GATEWAY: 'http://b:1/mcp', MCP_GATEWAY_URL: 'http://c:1/mcp' };
    const sources = [
      await resolveTarget({ url: 'http://a:1/mcp' }, context(env)),
      await resolveTarget({}, context(env)),
      await resolveTarget({}, context({ MCP_GATEWAY_URL: env.MCP_GATEWAY_URL })),
      await resolveTarget({}, context()),
    ].map(({ url, source }) => [url.hostname, source]);
    assert.deepEqual(sources, [
      ['a', '--url'],
      ['b', 'MCP_GATEWAY'],
      ['c', 'MCP_GATEWAY_URL'],
      ['127.0.0.1', 'the container'],
    ]);
  });

  it('takes the kind from --driver before MCP_GATEWAY, and the address from the next rule', async () => {
    const target = await resolveTarget(
      { driver: 'http' },
      context({ MCP_GATEWAY: 'builtin', MCP_GATEWAY_URL: 'http://c:1/mcp' }),
    );
    assert.deepEqual([target.kind, target.url.hostname], ['http', 'c']);
    assert.equal((await resolveTarget({}, context({ MCP_GATEWAY: 'http' }))).kind, 'http');
    assert.equal((await resolveTarget({}, context())).kind, 'builtin');
  });

  it('tries the tokens in order: variable, published, wiring, engine; a file that was named alone', async () => {
    const more = { publishedTokenFile: path.join(folder, 'published') };
    const target = await resolveTarget({}, context({ MCP_GATEWAY_AUTH_TOKEN: 'from-env' }, more));
    assert.deepEqual(target.tokens, ['from-env', 'from-volume', 'from-wiring', 'from-engine']);
    const named = await resolveTarget(
      { tokenFile: 'published' },
      context({ MCP_GATEWAY_AUTH_TOKEN: 'x' }, more),
    );
    assert.deepEqual(named.tokens, ['from-volume']);
  });

  it('sends no token that it found by itself to a foreign host', async () => {
    const foreign = await resolveTarget({ url: 'https://example.com/mcp' }, context());
    assert.deepEqual(foreign.tokens, []);
    const loopback = await resolveTarget({ url: 'http://localhost:8811' }, context());
    assert.deepEqual([loopback.tokens, loopback.url.pathname], [['from-wiring'], '/mcp']);
  });

  it('passes over a variable that was not expanded while there is another token, and explains it otherwise', async () => {
    const env = { MCP_GATEWAY_AUTH_TOKEN: '${MCP_GATEWAY_AUTH_TOKEN}' };
    assert.deepEqual((await resolveTarget({}, context(env))).tokens, ['from-wiring', 'from-engine']);
    await assert.rejects(resolveTarget({ url: 'https://example.com/mcp' }, context(env)), /literal text/);
  });

  it('refuses what is no address or no kind', async () => {
    for (const options of [
      { url: 'ftp://a/mcp' },
      { url: '${MCP_GATEWAY_URL}' },
      { url: 'http://user:secret@a/mcp' },
      { driver: 'other' },
    ]) {
      await assert.rejects(resolveTarget(options, context()), (error: Error) => {
        assert.match(String('code' in error && error.code), /usage/);
        return !error.message.includes('secret');
      });
    }
  });
});

describe('the token in a file', () => {
  it('is the only word, or the value of the variable in an env file', () => {
    for (const text of [
      'abc',
      '\uFEFFabc\r\n',
      '# a comment\nMCP_GATEWAY_AUTH_TOKEN=abc',
      'OTHER=1\nexport MCP_GATEWAY_AUTH_TOKEN="abc"\n',
      "MCP_GATEWAY_AUTH_TOKEN=old\nMCP_GATEWAY_AUTH_TOKEN='abc'",
    ])
      assert.equal(tokenIn(text, 'f'), 'abc', text);
    assert.equal(tokenIn('\n', 'f'), undefined);
    assert.equal(tokenIn('MCP_GATEWAY_AUTH_TOKEN=\n', 'f'), undefined);
  });

  it('is never shown when it is refused', () => {
    for (const text of ['two words', 'OTHER=secret', 'secret\nsecret2', 'MCP_GATEWAY_AUTH_TOKEN=sec ret'])
      assert.throws(
        () => tokenIn(text, 'f'),
        (error: Error) => !/secret|ret/.test(error.message.replace('gateway', '')),
      );
  });
});
