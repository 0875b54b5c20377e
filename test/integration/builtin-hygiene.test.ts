import assert from 'node:assert/strict';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { eventually } from '../support/eventually';
import { ownServer, realServers, startTestGateway, type TestGateway } from '../support/gateway';
import { processesWith } from '../support/processes';
import { RawClient } from '../support/raw-client';

interface ApiServers {
  gateway: { problem: null | { message: string; line: number; column: number; next: string } };
  servers: {
    name: string;
    state: string;
    pid: number | null;
    restarts: number;
    error: null | { message: string; next: string };
    counts: { tools: number };
  }[];
}

async function servers(gateway: TestGateway): Promise<ApiServers> {
  return (await (await gateway.fetch('/api/servers')).json()) as ApiServers;
}

const kinds = ['good', 'stubborn', 'forks', 'daemon', 'hang'];

function watchdogsOf(gateway: number | undefined): number[] {
  return processesWith('mcp-gateway-watchdog').filter(
    (pid) => readFileSync(`/proc/${pid}/stat`, 'latin1').split(') ')[1]?.split(' ')[1] === String(gateway),
  );
}

/** Every child of the gateway carries a variable of its own test. */
function marked(mark: string): Record<string, object> {
  return Object.fromEntries(
    kinds.map((kind) => [kind, { ...ownServer('nasty', kind), env: { TEST_MARK: mark } }]),
  );
}

describe('the children of the gateway', () => {
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGKILL'] as const) {
    it(`are gone 5 s after the gateway got ${signal}, polite or not, forked or in a session of their own`, async () => {
      const mark = `mark-${signal}-${process.pid}`;
      const gateway = await startTestGateway({ servers: marked(mark), unsettled: true });
      // Two of them have started a process of their own.
      await eventually(() => processesWith(mark).length >= kinds.length + 2, 'all children running');
      const exit = once(gateway.process, 'exit');
      gateway.process.kill(signal);
      await exit;
      await eventually(() => processesWith(mark).length === 0, 'the end of all children');
      await gateway.stop();
    });
  }

  it('are gone after the gateway was killed also when their watchdog had been killed before', async () => {
    const mark = `mark-watchdog-${process.pid}`;
    const gateway = await startTestGateway({ servers: marked(mark), unsettled: true });
    await eventually(() => processesWith(mark).length >= kinds.length + 2, 'all children running');
    const [first] = watchdogsOf(gateway.process.pid);
    assert.ok(first !== undefined);
    process.kill(first, 'SIGKILL');
    await eventually(() => watchdogsOf(gateway.process.pid).some((pid) => pid !== first));
    const exit = once(gateway.process, 'exit');
    gateway.process.kill('SIGKILL');
    await exit;
    await eventually(() => processesWith(mark).length === 0, 'the end of all children');
    await gateway.stop();
  });

  it('end with their server when it is restarted, and a new one takes over', async () => {
    const mark = `mark-restart-${process.pid}`;
    const gateway = await startTestGateway({
      servers: { forks: { ...ownServer('nasty', 'forks'), env: { TEST_MARK: mark } } },
    });
    await eventually(() => processesWith(mark).length === 2);
    const before = processesWith(mark);
    const response = await gateway.fetch('/api/servers/forks/restart', { method: 'POST' });
    assert.equal(response.status, 202);
    await eventually(
      async () =>
        (await servers(gateway)).servers[0]?.state === 'ready' &&
        !before.some((pid) => processesWith(mark).includes(pid)),
    );
    await eventually(() => processesWith(mark).length === 2);
    await gateway.stop();
  });

  it('receive nothing of the gateway’s environment but what is passed on purpose', async () => {
    const mark = `mark-env-${process.pid}`;
    const gateway = await startTestGateway({
      servers: { good: { ...ownServer('nasty'), env: { TEST_MARK: mark } } },
      env: { MCP_GATEWAY_AUTH_TOKEN: 'a-token-of-the-test-0123456789', SOME_SECRET: 'hidden' },
    });
    const [pid] = processesWith(`TEST_MARK=${mark}`);
    assert.ok(pid !== undefined);
    const environment = readFileSync(`/proc/${pid}/environ`, 'latin1');
    assert.doesNotMatch(environment, /a-token-of-the-test|SOME_SECRET/);
    await gateway.stop();
  });
});

describe('a server that misbehaves', () => {
  let gateway: TestGateway;

  before(async () => {
    gateway = await startTestGateway({
      servers: {
        good: ownServer('nasty', 'good'),
        exits: ownServer('nasty', 'exit'),
        hangs: ownServer('nasty', 'hang'),
        garbage: ownServer('nasty', 'garbage'),
        long: ownServer('nasty', 'long-names'),
        missing: { command: '/nonexistent/program' },
        off: { ...ownServer('nasty', 'good'), enabled: false },
      },
      unsettled: true,
    });
    await eventually(
      async () => (await servers(gateway)).servers.filter(({ state }) => state === 'ready').length === 3,
    );
  });
  after(async () => gateway.stop());

  it('costs the others nothing: they list and answer', async () => {
    const client = await RawClient.open(gateway);
    assert.match(
      (await client.request('tools/call', '{"name":"good__ping","arguments":{}}')).toString(),
      /ping of good/,
    );
    assert.match(
      (await client.request('tools/call', '{"name":"garbage__ping","arguments":{}}')).toString(),
      /ping of garbage/,
    );
  });

  it('is failed with its reason and the next step', async () => {
    const report = await eventually(async () => {
      const all = await servers(gateway);
      return all.servers.find(({ name }) => name === 'exits')?.error ? all : undefined;
    });
    const of = (name: string): ApiServers['servers'][number] | undefined =>
      report.servers.find((server) => server.name === name);
    assert.match(of('exits')?.error?.message ?? '', /exited with code 3/);
    assert.match(of('missing')?.error?.message ?? '', /"\/nonexistent\/program" was not found/);
    assert.match(of('missing')?.error?.next ?? '', /devcontainer-gateway logs missing/);
    assert.equal(of('off')?.state, 'disabled');
    assert.equal(of('hangs')?.state, 'starting');
  });

  it('crashes in a call: the caller gets an error, and the server is restarted', async () => {
    const client = await RawClient.open(gateway);
    const answer = (await client.request('tools/call', '{"name":"good__crash","arguments":{}}')).toString();
    assert.match(answer, /"error":.*server \\"good\\" exited with code 9 before it answered/);
    await eventually(
      async () => (await servers(gateway)).servers.find(({ name }) => name === 'good')?.state === 'ready',
    );
    assert.match(
      (await client.request('tools/call', '{"name":"good__ping","arguments":{}}')).toString(),
      /ping of good/,
    );
  });

  it('has what it prints beside messages in its log', async () => {
    assert.match(await (await gateway.fetch('/api/logs/garbage')).text(), /\[stdout\] this is not JSON-RPC/);
  });

  it('offers a name that is too long under a stable short one', async () => {
    const client = await RawClient.open(gateway);
    const list = JSON.parse((await client.request('tools/list', '{}')).toString()) as {
      result: { tools: { name: string }[] };
    };
    const short = list.result.tools.map(({ name }) => name).find((name) => name.startsWith('long__aaa'));
    assert.equal(short?.length, 50);
    const answer = (
      await client.request('tools/call', JSON.stringify({ name: short, arguments: {} }))
    ).toString();
    assert.match(answer, /a{65} of long-names/);
  });

  it('is cancelled alone: the cancel reaches the server of the call and no other', async () => {
    const client = await RawClient.open(gateway);
    const abandoned = client.request('tools/call', '{"name":"garbage__never","arguments":{}}');
    const id = client.lastId;
    await eventually(async () => {
      await (
        await client.post(`{"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":${id}}}`)
      ).text();
      return /cancelled: 1/.test(
        (await client.request('tools/call', '{"name":"garbage__ping","arguments":{}}')).toString(),
      );
    });
    assert.match(
      (await client.request('tools/call', '{"name":"good__ping","arguments":{}}')).toString(),
      /cancelled: 0/,
    );
    assert.match((await abandoned).toString(), /The client cancelled the request/);
  });
});

describe('a servers file that cannot be read', () => {
  it('leaves the gateway up and is reported with its place', async () => {
    const gateway = await startTestGateway({ servers: '{\n  "servers": { "a": { "command": 5 } }\n}' });
    assert.equal((await fetch(`${gateway.base}/health`)).status, 200);
    const { problem } = (await servers(gateway)).gateway;
    assert.ok(problem);
    assert.match(problem.message, /servers\.json:2:/);
    assert.equal(problem.line, 2);
    assert.match(problem.next, /The gateway reads it again by itself/);
    await gateway.stop();
  });
});

describe('the events of the gateway', () => {
  it('report every change of a server, and the whole state at the start', async () => {
    const gateway = await startTestGateway({ servers: { memory: realServers.memory } });
    const aborter = new AbortController();
    const response = await gateway.fetch('/api/events', { signal: aborter.signal });
    let text = '';
    const reading = response.body?.pipeTo(
      new WritableStream({
        write: (chunk: Uint8Array) => void (text += Buffer.from(chunk).toString('utf8')),
      }),
    );
    await eventually(() => text.includes('event: servers\n'));
    await gateway.fetch('/api/servers/memory/restart', { method: 'POST' });
    await eventually(
      () =>
        /event: server\ndata: \{"name":"memory".*"state":"starting"/.test(text) &&
        /"state":"ready"/.test(text.split('event: server\n').at(-1) ?? ''),
    );
    aborter.abort();
    await assert.rejects(reading ?? Promise.resolve());
    await gateway.stop();
  });
});
