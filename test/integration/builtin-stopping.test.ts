import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import http from 'node:http';
import os from 'node:os';
import path from 'node:path';
import { auditOf } from '../support/audit';
import { initialize, initialized } from '../support/bridge';
import { eventually } from '../support/eventually';
import { ownServer, program, root, startTestGateway, type TestGateway } from '../support/gateway';
import { ListedServer, tool } from '../support/listed-server';
import { RawClient } from '../support/raw-client';

const never = '{"name":"one__never","arguments":{}}';
const stopped = /"code":-32603.*The gateway stopped before the call ended.*"reason":"stopping"/;

describe('a gateway that stops', () => {
  let gateway: TestGateway;

  afterEach(async () => gateway.stop());

  const start = async (stopSeconds: number, one: object): Promise<void> => {
    const file = { servers: { one }, gateway: { limits: { stopSeconds } } };
    gateway = await startTestGateway({ servers: JSON.stringify(file) });
  };
  const running = async (count: number): Promise<void> => {
    await eventually(async () => {
      const { calls } = (await (await gateway.fetch('/api/calls')).json()) as { calls: { state: string }[] };
      return calls.filter(({ state }) => state === 'running').length === count;
    });
  };
  /** Resolves when the gateway accepts no more connections. */
  const closed = async (): Promise<void> => {
    await eventually(async () => {
      const failed = await fetch(`${gateway.base}/health`, { headers: { connection: 'close' } }).catch(
        (error: unknown) => error,
      );
      return failed instanceof Error;
    });
  };
  const outcomes = async (): Promise<(string | undefined)[][]> =>
    (await auditOf(gateway)).map(({ outcome, problem }) => [outcome, problem?.slice(0, 24)]);

  it('lets calls end, takes no new ones, and accepts no connection', async () => {
    const server = await ListedServer.make({ tools: [tool('wait')] });
    try {
      await start(60, server.entry);
      const client = await RawClient.open(gateway);
      const agent = new http.Agent({ keepAlive: true, maxSockets: 1 });
      await posted(gateway, client, agent, 'ping', '{}');
      const answer = client.request('tools/call', '{"name":"one__wait","arguments":{}}');
      await running(1);
      const exit = once(gateway.process, 'exit');
      gateway.process.kill('SIGTERM');
      await closed();
      const late = await posted(gateway, client, agent, 'tools/call', '{"name":"one__wait"}');
      assert.match(late, /-32603.*is stopping and takes no new calls.*"reason":"stopping"/);
      await server.finish();
      assert.match((await answer).toString(), /wait by/);
      assert.deepEqual(await exit, [0, null]);
      agent.destroy();
      assert.deepEqual(await outcomes(), [
        ['refused', 'The gateway is stopping '],
        ['result', undefined],
      ]);
    } finally {
      await server.remove();
    }
  });

  it('answers what does not end with an error that says so, and audits that it stopped', async () => {
    await start(0.2, ownServer('nasty'));
    const client = await RawClient.open(gateway);
    const plain = client.request('tools/call', never);
    const modern = client.modernRequest('tools/call', never, 'one__never');
    const old = await oldClient(gateway);
    await old.send(`{"jsonrpc":"2.0","id":7,"method":"tools/call","params":${never}}`);
    await running(3);
    const exit = once(gateway.process, 'exit');
    gateway.process.kill('SIGTERM');
    for (const answer of await Promise.all([plain, modern])) assert.match(answer.toString(), stopped);
    assert.match(await old.text, stopped);
    assert.deepEqual(await exit, [0, null]);
    const expected = ['stopped', 'The gateway stopped befo'];
    assert.deepEqual(await outcomes(), [expected, expected, expected]);
  });

  it('answers calls that wait for their turn or for a server, too', async () => {
    await start(0.2, { ...ownServer('nasty'), concurrency: { calls: 1 } });
    const client = await RawClient.open(gateway);
    const answers = [1, 2].map(async () => client.request('tools/call', never));
    await eventually(async () => {
      const { calls } = (await (await gateway.fetch('/api/calls')).json()) as { calls: { state: string }[] };
      return calls.some(({ state }) => state === 'queued') && calls.some(({ state }) => state === 'running');
    });
    gateway.process.kill('SIGTERM');
    for (const answer of await Promise.all(answers)) assert.match(answer.toString(), stopped);
  });

  it('does the same when it is restarted through the API', async () => {
    await start(0.2, ownServer('nasty'));
    const client = await RawClient.open(gateway);
    const answer = client.request('tools/call', never);
    await running(1);
    const exit = once(gateway.process, 'exit');
    assert.equal((await gateway.fetch('/api/restart', { method: 'POST' })).status, 202);
    assert.match((await answer).toString(), stopped);
    assert.deepEqual(await exit, [0, null]);
  });

  it('waits for no call any more after a second signal', async () => {
    // Longer than the test has.
    await start(60, ownServer('nasty'));
    const client = await RawClient.open(gateway);
    const answer = client.request('tools/call', never);
    await running(1);
    const before = performance.now();
    gateway.process.kill('SIGTERM');
    await closed();
    gateway.process.kill('SIGTERM');
    assert.match((await answer).toString(), stopped);
    assert.ok(performance.now() - before < 60_000, 'it has waited as if there was one signal');
  });
});

describe('a gateway on standard input and output that stops', () => {
  it('answers the calls under way', async () => {
    const folder = await mkdtemp(path.join(os.tmpdir(), 'mcp-gateway-stopping-'));
    const file = path.join(folder, 'servers.json');
    const limits = { stopSeconds: 0.2 };
    await writeFile(file, JSON.stringify({ servers: { one: ownServer('nasty') }, gateway: { limits } }));
    const args = [program, '--stdio', '--servers', file, '--state', path.join(folder, 'state')];
    const child = spawn(process.execPath, args, { cwd: root, stdio: ['pipe', 'pipe', 'ignore'] });
    let text = '';
    child.stdout.setEncoding('utf8').on('data', (chunk: string) => (text += chunk));
    try {
      const call = (id: number, name: string): string =>
        `{"jsonrpc":"2.0","id":${id},"method":"tools/call","params":{"name":"one__${name}","arguments":{}}}\n`;
      child.stdin.write(`${initialize}\n${initialized}\n${call(1, 'never')}${call(2, 'ping')}`);
      await eventually(() => text.includes('"id":2'));
      const exit = once(child, 'exit');
      child.kill('SIGTERM');
      assert.deepEqual(await exit, [0, null]);
      assert.match(text, /"id":1,"error":.*The gateway stopped before the call ended/);
    } finally {
      child.kill('SIGKILL');
      await rm(folder, { recursive: true, force: true });
    }
  });
});

/** A request on the one connection of the agent, which stays open. */
async function posted(
  { base, token }: TestGateway,
  { session }: RawClient,
  agent: http.Agent,
  method: string,
  params: string,
): Promise<string> {
  return await new Promise((resolve, reject) => {
    const headers = {
      'content-type': 'application/json',
      accept: 'application/json, text/event-stream',
      authorization: `Bearer ${token}`,
      'mcp-session-id': session,
    };
    const request = http.request(`${base}/mcp`, { method: 'POST', headers, agent }, (response) => {
      let text = '';
      response.setEncoding('utf8').on('data', (chunk: string) => (text += chunk));
      response.on('end', () => resolve(text));
    });
    request.on('error', reject);
    request.end(`{"jsonrpc":"2.0","id":"${method}","method":"${method}","params":${params}}`);
  });
}

/** A client of the HTTP+SSE pair. `text` is everything that it got when its stream has ended. */
async function oldClient({ base, token }: TestGateway): Promise<{
  send(message: string): Promise<void>;
  text: Promise<string>;
}> {
  const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' };
  const stream = await fetch(`${base}/sse`, { headers });
  let text = '';
  const ended = (async () => {
    for await (const chunk of stream.body ?? []) text += Buffer.from(chunk).toString();
    return text;
  })().catch(() => text);
  const [, endpoint = ''] = await eventually(() => /data: (\S+sessionId\S+)/.exec(text) ?? undefined);
  const send = async (body: string): Promise<void> => {
    await (await fetch(`${base}${endpoint}`, { method: 'POST', headers, body })).text();
  };
  await send(initialize);
  await send(initialized);
  return { send, text: ended };
}
