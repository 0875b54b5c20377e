import assert from 'node:assert/strict';
import type { ServerResponse } from 'node:http';
import { HttpTransport } from '../../../../../src/builtin/upstream/transports/http';
import { headerValue } from '../../../../../src/mcp-wire/header-value';
import { isAnswer } from '../../../../../src/builtin/upstream/transports/http-problem';
import { eventually } from '../../../../support/eventually';
import { eventStream, json, ScriptedServer } from '../../../../support/scripted-server';

interface Open {
  transport: HttpTransport;
  messages: { text: string; requestId: number | undefined }[];
  closed: string[];
  log: string[];
}

const request = (id: number): Buffer => Buffer.from(`{"jsonrpc":"2.0","id":${id},"method":"tools/call"}`);
const answer = (id: number): string => `{"jsonrpc":"2.0","id":${id},"result":{}}`;
const note = '{"jsonrpc":"2.0","method":"notifications/progress","params":{}}';

describe('a transport over Streamable HTTP', () => {
  const opened: HttpTransport[] = [];
  let server: ScriptedServer;
  const open = (resultLimit?: number): Open => {
    const messages: Open['messages'] = [];
    const closed: string[] = [];
    const log: string[] = [];
    const transport = new HttpTransport(
      {
        target: server.url,
        headers: { Authorization: 'Bearer t' },
        ...(resultLimit && { resultLimit: () => resultLimit }),
      },
      {
        message: (bytes, requestId) => void messages.push({ text: bytes.toString(), requestId }),
        closed: (reason) => void closed.push(reason),
        log: (line) => void log.push(line),
      },
    );
    opened.push(transport);
    return { transport, messages, closed, log };
  };
  /** Opens a session of the legacy era. */
  const openSession = async (resultLimit?: number): Promise<Open> => {
    const one = open(resultLimit);
    const script = server.script;
    server.script = (_seen, response) =>
      void response
        .writeHead(200, { 'content-type': 'application/json', 'mcp-session-id': 'abc' })
        .end(answer(1));
    await one.transport.send(request(1), { id: 1, method: 'initialize' });
    one.messages.length = 0;
    server.script = script;
    one.transport.negotiated('2025-11-25');
    return one;
  };
  const call = async ({ transport }: Open, id = 2, signal?: AbortSignal): Promise<void> =>
    transport.send(request(id), { id, method: 'tools/call', name: 'x', ...(signal && { signal }) });

  beforeEach(async () => (server = await new ScriptedServer().start()));
  afterEach(async () => {
    await Promise.all(opened.splice(0).map(async (transport) => transport.close()));
    await server.stop();
  });

  it('reports the response stream of a message, and joins only the lines of its data', async () => {
    server.script = ({ method }, response) =>
      method === 'POST'
        ? void eventStream(response).end(
            `: hi\n\ndata: ${note}\n\ndata: {"jsonrpc":"2.0",\ndata:  "id":2,"result":{}}\n\n`,
          )
        : void response.writeHead(405).end();
    const one = await openSession();
    await call(one);
    assert.deepEqual(one.messages, [
      { text: note, requestId: 2 },
      { text: '{"jsonrpc":"2.0",\n "id":2,"result":{}}', requestId: 2 },
    ]);
  });

  it('resumes a broken response after its last complete event, when the server numbers its events', async () => {
    let calls = 0;
    server.script = ({ method, headers }, response) => {
      if (method === 'POST') {
        calls += 1;
        eventStream(response).write(`retry: 20\nid: e1\ndata: ${note}\n\nid: e2\ndata: {"jso`, () =>
          response.destroy(),
        );
      } else if (headers['last-event-id'] === 'e1')
        eventStream(response).end(`id: e2\ndata: ${answer(2)}\n\n`);
      else response.writeHead(405).end();
    };
    const one = await openSession();
    await call(one);
    assert.deepEqual(
      one.messages.map(({ text, requestId }) => [text, requestId]),
      [
        [note, 2],
        [answer(2), 2],
      ],
    );
    assert.equal(calls, 1);
  });

  it('fails a call whose answer breaks off without event ids, and one that may not go on', async () => {
    server.script = ({ method }, response) => {
      if (method === 'POST') eventStream(response).write(`data: ${note}\n\n`, () => response.destroy());
      else response.writeHead(405).end();
    };
    const one = await openSession();
    await assert.rejects(call(one), /ended before the response\.$/);
    server.script = ({ method }, response) => {
      if (method === 'POST') eventStream(response).end('retry: 5\nid: 1\ndata:\n\n');
      else response.writeHead(405).end();
    };
    await assert.rejects(call(one, 3), /could not be resumed \(HTTP 405\)/);
  });

  it('closes the connection of a cancelled call', async () => {
    let waiting: ServerResponse | undefined;
    server.script = ({ method }, response) => {
      if (method === 'POST') waiting = response;
      else response.writeHead(405).end();
    };
    const one = await openSession();
    const aborter = new AbortController();
    const sent = call(one, 2, aborter.signal);
    await eventually(() => waiting !== undefined);
    aborter.abort();
    await assert.rejects(sent, /cancelled/);
    await eventually(() => waiting?.closed);
  });

  it('refuses an answer beyond its limit, as JSON and as events', async () => {
    const big = JSON.stringify({ jsonrpc: '2.0', id: 2, result: { text: 'x'.repeat(200_000) } });
    for (const asEvents of [true, false]) {
      server.script = ({ method }, response) => {
        if (method !== 'POST') response.writeHead(405).end();
        else if (asEvents) eventStream(response).end(`data: ${big}\n\n`);
        else response.writeHead(200, { 'content-type': 'application/json' }).end(big);
      };
      await assert.rejects(call(await openSession(100_000)), /larger than the limit of 100000 bytes/);
    }
  });

  it('uses the JSON-RPC error of a refusal as the response, with any id', async () => {
    server.script = (_seen, response) =>
      json(response, { jsonrpc: '2.0', id: null, error: { code: -32602, message: 'no' } }, 400);
    const one = open();
    await call(one);
    assert.deepEqual(one.messages, [
      { text: '{"jsonrpc":"2.0","id":2,"error":{"code":-32602,"message":"no"}}', requestId: 2 },
    ]);
  });

  it('fails a request that is taken without an answer', async () => {
    server.script = (_seen, response) => void response.writeHead(202).end();
    await assert.rejects(call(open()), /sent no response \(HTTP 202\)/);
    await open().transport.send(Buffer.from(note), { method: 'notifications/progress' });
  });

  it('follows a redirect within the origin, once and for all, and none that leads away', async () => {
    server.script = ({ url }, response) =>
      url === '/mcp/'
        ? json(response, { jsonrpc: '2.0', id: 2, result: {} })
        : void response.writeHead(307, { location: '/mcp/' }).end();
    const one = open();
    await call(one);
    await call(one);
    assert.deepEqual(
      server.seen.map(({ url }) => url),
      ['/mcp', '/mcp/', '/mcp/'],
    );
    server.script = (_seen, response) =>
      void response.writeHead(307, { location: 'http://elsewhere.invalid/mcp' }).end();
    await assert.rejects(call(open()), /has moved to http:\/\/elsewhere\.invalid\/mcp/);
  });

  it('listens again after its event stream broke, from the last event on, and ends when the session is gone', async () => {
    server.script = ({ method, headers }, response) => {
      if (method !== 'GET') json(response, {}, 202);
      else if (headers['last-event-id'] === undefined)
        eventStream(response).end(`retry: 10\nid: 7\ndata: ${note}\n\n`);
      else if (headers['last-event-id'] === '7') eventStream(response).end(`id: 8\ndata: ${note}\n\n`);
      else response.writeHead(404).end();
    };
    const one = await openSession();
    await eventually(() => one.closed.length > 0);
    assert.deepEqual(one.closed, ['does not know the session any more (HTTP 404)']);
    assert.deepEqual(one.messages, [
      { text: note, requestId: undefined },
      { text: note, requestId: undefined },
    ]);
  });

  it('works with a server without an event stream', async () => {
    server.script = ({ method }, response) =>
      method === 'GET'
        ? void response.writeHead(404).end()
        : json(response, { jsonrpc: '2.0', id: 2, result: {} });
    const one = await openSession();
    await eventually(() => server.seen.some(({ method }) => method === 'GET'));
    await call(one);
    assert.deepEqual(one.closed, []);
  });

  it('ends its session, and does not wait for a server that does not answer', async () => {
    server.script = ({ method }, response) => {
      if (method === 'GET') response.writeHead(405).end();
    };
    const one = await openSession();
    await one.transport.close();
    assert.equal(server.seen.findLast(({ method }) => method === 'DELETE')?.headers['mcp-session-id'], 'abc');
  });

  it('says what a refusal of credentials and a wrong URL mean', async () => {
    server.script = (_seen, response) =>
      void response.writeHead(401, { 'content-type': 'text/plain' }).end('who?');
    await assert.rejects(call(open()), /refused the credentials \(HTTP 401\): who\?/);
    const one = open();
    await server.stop();
    await assert.rejects(call(one), /could not be reached: .*ECONNREFUSED/);
  });

  describe('of 2026-07-28', () => {
    it('repeats version, method and name on each request, and has no session, no stream and no notifications', async () => {
      server.script = (_seen, response) =>
        void response
          .writeHead(200, { 'content-type': 'application/json', 'mcp-session-id': 'abc' })
          .end(answer(2));
      const one = open();
      one.transport.negotiated('2026-07-28');
      await one.transport.send(request(2), { id: 2, method: 'tools/call', name: 'größe' });
      await one.transport.send(request(2), { id: 2, method: 'tools/list' });
      await one.transport.send(Buffer.from(note), { method: 'notifications/cancelled' });
      await one.transport.close();
      assert.deepEqual(
        server.seen.map(({ method, headers }) => [
          method,
          headers['mcp-protocol-version'],
          headers['mcp-method'],
          headers['mcp-name'],
          headers['mcp-session-id'],
        ]),
        [
          ['POST', '2026-07-28', 'tools/call', '=?base64?Z3LDtsOfZQ==?=', undefined],
          ['POST', '2026-07-28', 'tools/list', undefined, undefined],
        ],
      );
    });

    it('repeats the arguments that the schema of a tool marks for a header', async () => {
      const properties = {
        region: { type: 'string', 'x-mcp-header': 'Region' },
        deep: { type: 'object', properties: { n: { type: 'integer', 'x-mcp-header': 'N' } } },
        yes: { type: 'boolean', 'x-mcp-header': 'Yes' },
        gone: { type: 'string', 'x-mcp-header': 'Gone' },
        list: { type: 'array', items: { type: 'string', 'x-mcp-header': 'Unreachable' } },
        broken: { type: 'string', 'x-mcp-header': 'a b' },
      };
      const tools = [
        { name: 'x', inputSchema: { type: 'object', properties } },
        { name: 'y', inputSchema: {} },
      ];
      server.script = (_seen, response) => json(response, { jsonrpc: '2.0', id: 2, result: { tools } });
      const one = open();
      one.transport.negotiated('2026-07-28');
      await one.transport.send(request(2), { id: 2, method: 'tools/list' });
      const args = '{"region":"süd","deep":{"n":42},"yes":true,"gone":null,"list":["l"],"broken":"b"}';
      const bytes = Buffer.from(
        `{"jsonrpc":"2.0","id":2,"method":"tools/call","params":{"name":"x","arguments":${args}}}`,
      );
      await one.transport.send(bytes, { id: 2, method: 'tools/call', name: 'x' });
      await one.transport.send(bytes, { id: 2, method: 'tools/call', name: 'y' });
      const sent = server.seen.map(({ headers }) =>
        Object.fromEntries(Object.entries(headers).filter(([name]) => name.startsWith('mcp-param-'))),
      );
      assert.deepEqual(sent, [
        {},
        { 'mcp-param-region': '=?base64?c8O8ZA==?=', 'mcp-param-n': '42', 'mcp-param-yes': 'true' },
        {},
      ]);
    });

    it('keeps a subscription open, and ends it by letting go of its response', async () => {
      let stream: ServerResponse | undefined;
      server.script = (_seen, response) => void (stream = eventStream(response)).write(`data: ${note}\n\n`);
      const one = open();
      one.transport.negotiated('2026-07-28');
      const aborter = new AbortController();
      const listening = one.transport.send(request(5), {
        id: 5,
        method: 'subscriptions/listen',
        signal: aborter.signal,
      });
      await eventually(() => one.messages.length === 1);
      stream?.write(`id: 4\ndata: ${note}\n\n`);
      await eventually(() => one.messages.length === 2);
      assert.ok(one.messages.every(({ requestId }) => requestId === 5));
      aborter.abort();
      await assert.rejects(listening);
      await eventually(() => stream?.closed);
    });

    it('does not go on with an answer that broke off', async () => {
      server.script = (_seen, response) => void eventStream(response).end(`id: 1\ndata: ${note}\n\n`);
      const one = open();
      one.transport.negotiated('2026-07-28');
      await assert.rejects(call(one), /ended before the response/);
      assert.equal(server.seen.length, 1);
    });
  });
});

describe('the value of a header', () => {
  it('is the text itself when that is visible ASCII, and its encoded form otherwise', () => {
    for (const plain of ['echo', 'a b', 'file:///x?y=%20']) assert.equal(headerValue(plain), plain);
    for (const other of ['', ' a', 'a ', 'é', 'a\tb', 'a\nb', '=?base64?YQ==?=']) {
      const [, encoded = ''] = /^=\?base64\?(.*)\?=$/.exec(headerValue(other)) ?? [];
      assert.equal(Buffer.from(encoded, 'base64').toString(), other);
    }
  });
});

describe('a message', () => {
  it('is a response by its first decisive member', () => {
    for (const yes of [
      '{"result":',
      '{"jsonrpc":"2.0","id":1,"error":{}}',
      ' { "id" : [1,{}] , "result":{"method":1}}',
    ])
      assert.equal(isAnswer(Buffer.from(yes)), true, yes);
    for (const no of [
      '',
      '[]',
      '{}',
      '{"method":"m","result":1}',
      '{"params":{"result":1},"method":"m"}',
      '{"id":1',
    ])
      assert.equal(isAnswer(Buffer.from(no)), false, no);
  });
});
