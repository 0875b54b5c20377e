import assert from 'node:assert/strict';
import type { ServerResponse } from 'node:http';
import { makeIdentity } from '../../../../../src/builtin/client/client';
import { Connection } from '../../../../../src/builtin/upstream/connection/connection';
import type { HopOptions } from '../../../../../src/builtin/upstream/connection/request';
import type { HandshakeResult } from '../../../../../src/builtin/upstream/connection/handshake';
import { HttpTransport } from '../../../../../src/builtin/upstream/transports/http';
import { Listings } from '../../../../../src/builtin/upstream/lists/listings';
import { Subscriptions } from '../../../../../src/builtin/upstream/connection/subscriptions';
import { parseServersFile } from '../../../../../src/servers/parse';
import { eventually } from '../../../../support/eventually';
import { json, ScriptedServer, type SeenRequest } from '../../../../support/scripted-server';

const options: HopOptions = { timeoutMs: 20_000 };
const identity = makeIdentity(Buffer.from('{}'), Buffer.from('{"name":"t","version":"1"}'));

interface Sent {
  id?: number;
  method?: string;
  params?: { name?: string };
}

/** A server of the legacy era that knows one session at a time, the last that it opened. */
class ForgetfulServer {
  readonly server = new ScriptedServer((seen, response) => this.#answer(seen, response));
  /** What it has taken, with the session that it came in. */
  readonly taken: string[] = [];
  readonly waiting: ServerResponse[] = [];
  status = 404;
  version = 1;
  opens = true;
  #session = 0;
  #known = false;

  forget(): void {
    this.#known = false;
  }

  #answer({ method, headers, body }: SeenRequest, response: ServerResponse): void {
    if (method !== 'POST') {
      response.writeHead(405).end();
      return;
    }
    const { id, method: called = '', params } = JSON.parse(body) as Sent;
    if (called === 'initialize') this.#open(id, response);
    else if (!this.#known || headers['mcp-session-id'] !== String(this.#session))
      response.writeHead(this.status).end('no such session');
    else {
      this.taken.push(`${this.#session} ${called}${params?.name === undefined ? '' : ` ${params.name}`}`);
      if (params?.name === 'waits') this.waiting.push(response);
      else if (id === undefined) response.writeHead(202).end();
      else json(response, { jsonrpc: '2.0', id, result: { tools: [] } });
    }
  }

  #open(id: number | undefined, response: ServerResponse): void {
    if (!this.opens) {
      response.writeHead(503).end();
      return;
    }
    this.#session += 1;
    this.#known = true;
    response.setHeader('mcp-session-id', String(this.#session));
    json(response, {
      jsonrpc: '2.0',
      id,
      result: {
        protocolVersion: '2025-11-25',
        capabilities: { tools: {}, resources: { subscribe: true }, logging: {} },
        serverInfo: { name: 'forgetful', version: String(this.version) },
      },
    });
  }
}

describe('a session that has expired', () => {
  let upstream: ForgetfulServer;
  let connection: Connection;
  const closed: string[] = [];
  const handshakes: HandshakeResult[] = [];
  const subscriptions = new Subscriptions();
  const definition = (() => {
    const text = '{"servers":{"one":{"type":"http","url":"http://127.0.0.1/mcp"}}}';
    const one = parseServersFile(text, 'f').servers.get('one');
    assert.ok(one);
    return one;
  })();
  const call = async (name: string, more: Partial<HopOptions> = {}): Promise<string> => {
    const params = Buffer.from(JSON.stringify({ name }));
    return (await connection.request('tools/call', () => params, { ...options, ...more })).kind;
  };
  const calls = (): string[] => upstream.taken.filter((each) => each.includes('tools/call'));

  beforeEach(async () => {
    closed.length = 0;
    handshakes.length = 0;
    upstream = new ForgetfulServer();
    await upstream.server.start();
    connection = new Connection({
      name: 'one',
      definition: () => definition,
      open: (_definition, events) => new HttpTransport({ target: upstream.server.url, headers: {} }, events),
      identity,
      listings: new Listings(),
      subscriptions,
      era: async () => Promise.resolve('legacy'),
      events: {
        closed: (reason) => void closed.push(reason),
        reinitialized: (handshake) => void handshakes.push(handshake),
        notification: () => undefined,
        request: async () => Promise.reject(new Error('nobody is asked')),
        requestReceived: () => undefined,
        log: () => undefined,
      },
    });
    await connection.start(new AbortController().signal);
  });
  afterEach(async () => {
    await connection.close('is not needed any more');
    await upstream.server.stop();
  });

  for (const status of [404, 400])
    it(`is opened again, and the refused calls (HTTP ${status}) are sent again, each once`, async () => {
      upstream.status = status;
      upstream.forget();
      upstream.version = 2;
      assert.deepEqual(await Promise.all(['a', 'b', 'c'].map(async (name) => call(name))), [
        'result',
        'result',
        'result',
      ]);
      assert.deepEqual(calls().sort(), ['2 tools/call a', '2 tools/call b', '2 tools/call c']);
      assert.deepEqual(closed, []);
      assert.deepEqual(
        handshakes.map(({ serverInfo }) => serverInfo.version),
        ['2'],
      );
      assert.equal(await call('d'), 'result');
    });

  it('does not take the answer away from a call that the server had taken before', async () => {
    const before = call('waits');
    await eventually(() => upstream.waiting.length === 1);
    upstream.forget();
    assert.equal(await call('a'), 'result');
    const id = (
      JSON.parse(upstream.server.seen.find(({ body }) => body.includes('waits'))?.body ?? '') as Sent
    ).id;
    const [response] = upstream.waiting;
    assert.ok(response);
    json(response, { jsonrpc: '2.0', id, result: {} });
    assert.equal(await before, 'result');
    assert.deepEqual(calls(), ['1 tools/call waits', '2 tools/call a']);
  });

  it('gets the subscriptions and the log level again, and its lists are read again', async () => {
    const subscriber = { updated: () => undefined };
    await connection.subscribe('file:///a', subscriber);
    connection.wantLevel('debug');
    await eventually(() => upstream.taken.includes('1 logging/setLevel'));
    upstream.forget();
    await call('a');
    for (const again of ['2 tools/list', '2 resources/subscribe', '2 logging/setLevel'])
      await eventually(() => upstream.taken.includes(again), again);
    subscriptions.remove('file:///a', subscriber);
  });

  it('is not opened again and again: a server that forgets at once is lost, and the call fails', async () => {
    upstream.forget();
    await call('a');
    upstream.forget();
    await assert.rejects(call('b'), /does not know the session any more/);
    assert.deepEqual(closed, ['does not know the session any more (HTTP 404)']);
    assert.deepEqual(calls(), ['2 tools/call a']);
    await assert.rejects(call('c'), /The server "one" does not know the session any more/);
  });

  it('that cannot be opened again closes the connection, with the reason', async () => {
    upstream.opens = false;
    upstream.forget();
    await assert.rejects(call('a'), /The server "one": The server does not know the session any more\./);
    assert.equal(closed.length, 1);
    assert.match(
      closed[0] ?? '',
      /^does not know the session any more \(HTTP 404\), and a new session could not be opened: .*HTTP 503/,
    );
  });
});
