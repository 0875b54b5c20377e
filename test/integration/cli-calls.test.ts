import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { call } from '../../src/cli/call';
import { prompt } from '../../src/cli/prompt';
import { read } from '../../src/cli/read';
import { tools } from '../../src/cli/tools';
import { runVerb } from '../support/cli';
import { startEverythingHttp, type EverythingHttp } from '../support/everything-http';
import { ownServer, realServers, startTestGateway, type TestGateway } from '../support/gateway';

describe('the verbs tools, call, read and prompt at the built-in gateway', () => {
  let gateway: TestGateway;
  let options: { url: string; tokenFile: string };
  let folder: string;
  let record: string;

  before(async () => {
    folder = await mkdtemp(path.join(os.tmpdir(), 'cli-calls-'));
    record = path.join(folder, 'record');
    gateway = await startTestGateway({
      servers: {
        everything: realServers.everything,
        memory: realServers.memory,
        raw: ownServer('raw', record),
      },
    });
    const tokenFile = path.join(gateway.folder, 'token.env');
    await writeFile(tokenFile, `# comment\nMCP_GATEWAY_AUTH_TOKEN="${gateway.token}"\n`);
    options = { url: gateway.url, tokenFile };
  });

  after(async () => {
    await gateway.stop();
    await rm(folder, { recursive: true, force: true });
  });

  it('lists every tool with its server', async () => {
    const result = await runVerb((io) => tools(io, { ...options, json: true }), { json: true });
    const listed = JSON.parse(result.stdout) as { tools: { name: string; server: string; tool: string }[] };
    const echo = listed.tools.find((tool) => tool.name === 'everything__echo');
    assert.deepEqual([echo?.server, echo?.tool], ['everything', 'echo']);
    assert.ok(listed.tools.some((tool) => tool.server === 'memory'));
    assert.equal(result.stderr, '');
  });

  it('narrows the list by words and by server', async () => {
    const found = await runVerb((io) => tools(io, { ...options, search: 'echo back' }));
    assert.match(found.stdout, /^everything__echo .*\n$/);
    const memory = await runVerb((io) => tools(io, { ...options, server: 'memory' }));
    assert.ok(memory.stdout.split('\n').every((line) => line === '' || line.startsWith('memory__')));
  });

  it('calls a tool by its full name and by its own name', async () => {
    for (const name of ['everything__echo', 'echo']) {
      const result = await runVerb((io) => call(io, name, { ...options, args: '{"message":"hé"}' }));
      assert.deepEqual([result.status, result.stdout, result.stderr], [0, 'Echo: hé\n', '']);
    }
  });

  it('sends arguments as they were typed and prints the result as it was sent', async () => {
    const args = '{"n": 12345678901234567890, "z":-0,"e":1e400, "n":1.0,"s":"\\ud800"}';
    const recorded = await runVerb((io) => call(io, 'record', { ...options, args }));
    assert.equal(recorded.status, 0, recorded.stderr);
    assert.ok((await readFile(record, 'utf8')).includes(`"arguments":${args}`));
    const answer = `{"content":[{"type":"from-the-future","n":-0}],"structuredContent":${args},"x":1e400}`;
    const file = path.join(gateway.folder, 'answer.json');
    await writeFile(file, answer);
    const result = await runVerb((io) =>
      call(io, 'raw__raw', { ...options, args: JSON.stringify({ file }), json: true }),
    );
    assert.equal(result.status, 0, result.stderr);
    const values =
      '"content":[{"type":"from-the-future","n":-0}],"structuredContent":' + args + ',"x":1e400}';
    assert.ok(result.stdout.endsWith(`${values}\n`), result.stdout);
  });

  it('exits 1 with the text when the tool reports an error', async () => {
    const result = await runVerb((io) => call(io, 'everything__echo', { ...options, args: '{}' }));
    assert.equal(result.status, 1);
    assert.match(result.stdout + result.stderr, /message/);
  });

  it('shows progress to a person only', async () => {
    const long = { ...options, args: '{"duration":0.2,"steps":2}' };
    const name = 'trigger-long-running-operation';
    const watched = await runVerb((io) => call(io, name, long), { interactive: true });
    assert.match(watched.stderr, /progress 1\/2/);
    const quiet = await runVerb((io) => call(io, name, long));
    assert.equal(quiet.stderr, '');
  });

  it('suggests the nearest names for a tool that is not there', async () => {
    const result = await runVerb((io) => call(io, 'everything__ehco', options));
    assert.equal(result.status, 1);
    assert.match(
      result.stderr,
      /This gateway has no tool "everything__ehco".*\nNext: Did you mean everything__echo/,
    );
  });

  it('names the position of what is wrong in the arguments', async () => {
    const result = await runVerb((io) => call(io, 'echo', { ...options, args: '{"a":\n  oops}' }));
    assert.match(result.stderr, /--args:2:3: /);
    assert.equal(result.status, 1);
    const list = await runVerb((io) => call(io, 'echo', { ...options, args: '[1]' }));
    assert.match(list.stderr, /--args:1:1: .*JSON object/);
  });

  it('writes the bytes of a resource', async () => {
    const text = await runVerb((io) => read(io, 'demo://resource/static/document/features.md', options));
    assert.match(text.stdout, /^#/);
    const raw = await runVerb((io) => read(io, 'demo://resource/dynamic/blob/1', { ...options, json: true }));
    const { contents } = JSON.parse(raw.stdout) as { contents: { blob: string }[] };
    const bytes = await runVerb((io) => read(io, 'demo://resource/dynamic/blob/1', options));
    assert.ok(bytes.bytes.length > 0);
    assert.equal(contents.length, 1);
  });

  it('prints the messages of a prompt', async () => {
    const result = await runVerb((io) => prompt(io, 'args-prompt', { ...options, args: '{"city":"Basel"}' }));
    assert.equal(result.status, 0, result.stderr);
    assert.match(result.stdout, /^user: .*Basel/);
  });

  it('says what to do without a token, and never shows one', async () => {
    const none = await runVerb((io) => tools(io, { url: gateway.url }));
    assert.match(none.stderr, /requires a token, and none was found\.\nNext: /);
    const env = { MCP_GATEWAY_AUTH_TOKEN: 'wrong-secret-token' };
    const wrong = await runVerb((io) => tools(io, { url: gateway.url }), { env });
    assert.match(wrong.stderr, /does not accept the token/);
    assert.ok(!wrong.stderr.includes('wrong-secret-token'));
    const literal = await runVerb((io) => tools(io, { url: gateway.url }), {
      env: { MCP_GATEWAY_AUTH_TOKEN: '${MCP_GATEWAY_AUTH_TOKEN}' },
    });
    assert.match(literal.stderr, /literal text.*\nNext: .*did not expand/);
  });

  it('says that nothing answers at an address', async () => {
    const result = await runVerb((io) => tools(io, { url: 'http://127.0.0.1:9/mcp', json: true }), {
      json: true,
    });
    assert.equal(result.status, 1);
    const { error } = JSON.parse(result.stdout) as { error: { code: string; next: string } };
    assert.equal(error.code, 'unreachable');
    assert.match(error.next, /devcontainer-gateway up/);
  });
});

describe('the same verbs at another MCP end point', () => {
  let server: EverythingHttp;

  before(async () => (server = await startEverythingHttp()));
  after(async () => await server.kill());

  it('lists and calls', async () => {
    const listed = await runVerb((io) => tools(io, { url: server.url }));
    assert.match(listed.stdout, /^echo /m);
    const result = await runVerb((io) => call(io, 'echo', { url: server.url, args: '{"message":"m"}' }));
    assert.deepEqual([result.status, result.stdout], [0, 'Echo: m\n']);
  });

  it('refuses to take it for a kind that it is not', async () => {
    const builtin = await runVerb((io) => tools(io, { url: server.url, driver: 'builtin' }));
    assert.match(builtin.stderr, /is not the built-in gateway\.\nNext: Use --driver http/);
    const docker = await runVerb((io) => tools(io, { url: server.url, driver: 'docker' }));
    assert.match(docker.stderr, /"docker" is not available in this version\.\nNext: /);
    const unknown = await runVerb((io) => tools(io, { url: server.url, driver: 'nope' }));
    assert.equal(unknown.status, 2);
  });
});
