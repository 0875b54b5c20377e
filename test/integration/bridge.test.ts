import assert from 'node:assert/strict';
import type { ServerResponse } from 'node:http';
import { initialize, initialized, startBridge, targetAt, type TestBridge } from '../support/bridge';
import { eventually } from '../support/eventually';
import { startEverythingHttp } from '../support/everything-http';
import {
  legacySession,
  sendJson,
  startRawEndpoint,
  type Answer,
  type RawEndpoint,
} from '../support/raw-endpoint';

const modernMeta =
  '"_meta":{"io.modelcontextprotocol/protocolVersion":"2026-07-28","io.modelcontextprotocol/clientCapabilities":{}}';

function stream(response: ServerResponse): void {
  response.writeHead(200, { 'content-type': 'text/event-stream' });
  response.flushHeaders();
}

describe('the bridge', () => {
  const endpoints: RawEndpoint[] = [];
  const bridges: TestBridge[] = [];

  async function endpointWith(answer: Answer, port = 0): Promise<RawEndpoint> {
    const endpoint = await startRawEndpoint(answer, port);
    endpoints.push(endpoint);
    return endpoint;
  }

  function bridgeTo(...parameters: Parameters<typeof startBridge>): TestBridge {
    const bridge = startBridge(...parameters);
    bridges.push(bridge);
    return bridge;
  }

  async function initializedBridge(url: () => string, token?: () => string): Promise<TestBridge> {
    const bridge = bridgeTo(async () => targetAt(url(), token?.()));
    bridge.send(initialize);
    await bridge.line('"id":"init"', '"result"');
    bridge.send(initialized);
    return bridge;
  }

  afterEach(async () => {
    for (const endpoint of endpoints.splice(0)) await endpoint.stop().catch(() => undefined);
    for (const bridge of bridges.splice(0)) await bridge.end();
  });

  it('sends the session and the protocol version after the handshake, and ends the session with the input', async () => {
    const endpoint = await endpointWith(
      legacySession('s1', (_request, response) => sendJson(response, '{"jsonrpc":"2.0","id":1,"result":{}}')),
    );
    const bridge = await initializedBridge(() => endpoint.url);
    bridge.send('{"jsonrpc":"2.0","id":1,"method":"ping"}');
    await bridge.end();
    assert.equal(bridge.lines.at(-1)?.toString(), '{"jsonrpc":"2.0","id":1,"result":{}}');
    const [first, ...rest] = endpoint.seen;
    assert.equal(first?.headers['mcp-session-id'], undefined);
    assert.ok(rest.every((one) => one.headers['mcp-session-id'] === 's1'));
    assert.ok(rest.every((one) => one.headers['mcp-protocol-version'] === '2025-11-25'));
    assert.ok(endpoint.seen.every((one) => one.headers.authorization === 'Bearer test-token'));
    assert.equal(endpoint.seen.at(-1)?.method, 'DELETE');
  });

  it('puts every message on one line, and gives a response the id that the client chose', async () => {
    const endpoint = await endpointWith(
      legacySession('s1', (request, response) => {
        if (request.body.includes('"a"')) {
          sendJson(response, '{\n  "jsonrpc": "2.0",\r\n  "id": 12345678901234567000,\n  "result": {}\n}\n');
          return;
        }
        stream(response);
        response.end('data: {"jsonrpc":"2.0",\ndata: "id":2,"result":\rdata: {"x":"\\n"}}\r\n\r\n');
      }),
    );
    const bridge = await initializedBridge(() => endpoint.url);
    bridge.send('{"jsonrpc":"2.0","id":12345678901234567890,"method":"a"}');
    assert.equal(
      (await bridge.line('12345678901234567890')).replaceAll(' ', ''),
      '{"jsonrpc":"2.0","id":12345678901234567890,"result":{}}',
    );
    bridge.send('{"jsonrpc":"2.0","id":2,"method":"b"}');
    assert.equal(await bridge.line('"id":2,'), '{"jsonrpc":"2.0", "id":2,"result": {"x":"\\n"}}');
  });

  it('answers what is no message itself', async () => {
    const endpoint = await endpointWith(legacySession('s1', (_request, response) => response.end()));
    const bridge = bridgeTo(async () => targetAt(endpoint.url));
    bridge.send('{"jsonrpc":"2.0",');
    await bridge.line('-32700', '"id":null');
    bridge.send('{"jsonrpc":"2.0","id":5}');
    await bridge.line('-32600', '"id":5');
  });

  it('takes a batch apart', async () => {
    const endpoint = await endpointWith(
      legacySession('s1', (request, response) => {
        const id = /"id":(\d+)/.exec(request.body.toString())?.[1] ?? '';
        sendJson(response, `{"jsonrpc":"2.0","id":${id},"result":{}}`);
      }),
    );
    const bridge = await initializedBridge(() => endpoint.url);
    bridge.send('[{"jsonrpc":"2.0","id":1,"method":"ping"}, {"jsonrpc":"2.0","id":2,"method":"ping"}]');
    await bridge.line('"id":1');
    await bridge.line('"id":2');
  });

  it('mirrors what the modern era wants in the headers', async () => {
    const endpoint = await endpointWith((request, response) => {
      const id = /"id":(\d+)/.exec(request.body.toString())?.[1] ?? '';
      sendJson(response, `{"jsonrpc":"2.0","id":${id},"result":{}}`);
    });
    const bridge = bridgeTo(async () => targetAt(endpoint.url));
    bridge.send(
      `{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"plain name",${modernMeta}}}`,
    );
    bridge.send(
      `{"jsonrpc":"2.0","id":2,"method":"resources/read","params":{"uri":"mem://é",${modernMeta}}}`,
    );
    bridge.send(`{"jsonrpc":"2.0","id":3,"method":"tools/list","params":{${modernMeta}}}`);
    await bridge.line('"id":3');
    await bridge.line('"id":2');
    await bridge.line('"id":1');
    const headersOf = (id: number): (string | string[] | undefined)[] => {
      const headers = endpoint.seen.find((one) => one.body.includes(`"id":${id}`))?.headers;
      return ['mcp-protocol-version', 'mcp-method', 'mcp-name', 'mcp-session-id'].map(
        (name) => headers?.[name],
      );
    };
    assert.deepEqual(headersOf(1), ['2026-07-28', 'tools/call', 'plain name', undefined]);
    assert.deepEqual(headersOf(2), ['2026-07-28', 'resources/read', '=?base64?bWVtOi8vw6k=?=', undefined]);
    assert.deepEqual(headersOf(3), ['2026-07-28', 'tools/list', undefined, undefined]);
  });

  it('cancels a modern request by closing its exchange, and says nothing more about it', async () => {
    let closed = false;
    const endpoint = await endpointWith((request, response) => {
      response.on('close', () => (closed = !response.writableEnded));
      if (!request.body.includes('"id":1,')) sendJson(response, '{"jsonrpc":"2.0","id":2,"result":{}}');
    });
    const bridge = bridgeTo(async () => targetAt(endpoint.url));
    bridge.send(`{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"slow",${modernMeta}}}`);
    await eventually(() => endpoint.seen.length === 1);
    bridge.send('{"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":1}}');
    await eventually(() => closed);
    bridge.send(`{"jsonrpc":"2.0","id":2,"method":"tools/list","params":{${modernMeta}}}`);
    await bridge.line('"id":2');
    assert.equal(bridge.lines.length, 1);
    assert.equal(endpoint.seen.length, 2);
  });

  it('opens a subscription again after a restart, and tells what may have been missed', async () => {
    const acknowledge = '{"jsonrpc":"2.0","method":"notifications/subscriptions/acknowledged","params":{}}';
    const answer: Answer = (_request, response) => {
      stream(response);
      response.write(`data: ${acknowledge}\n\n`);
    };
    const first = await endpointWith(answer);
    const bridge = bridgeTo(async () => targetAt(first.url));
    bridge.send(
      `{"jsonrpc":"2.0","id":"L","method":"subscriptions/listen","params":{"notifications":{"toolsListChanged":true},${modernMeta}}}`,
    );
    await bridge.line('acknowledged');
    await first.stop();
    await endpointWith(answer, first.port);
    const missed = await bridge.line('notifications/tools/list_changed');
    assert.match(missed, /"io\.modelcontextprotocol\/subscriptionId":"L"/);
    assert.equal(bridge.lines.filter((line) => line.includes('acknowledged')).length, 1);
  });

  it('keeps the order of everything that precedes a result', async () => {
    const endpoint = await endpointWith(
      legacySession('s1', (_request, response) => {
        stream(response);
        for (let i = 0; i < 200; i += 1)
          response.write(
            `data: {"jsonrpc":"2.0","method":"notifications/progress","params":{"progress":${i}}}\n\n`,
          );
        response.end('data: {"jsonrpc":"2.0","id":1,"result":{}}\n\n');
      }),
    );
    const bridge = await initializedBridge(() => endpoint.url);
    bridge.send('{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"t"}}');
    await bridge.line('"id":1');
    const numbers = bridge.lines.flatMap((line) => /"progress":(\d+)/.exec(line.toString())?.[1] ?? []);
    assert.deepEqual(
      numbers.map(Number),
      Array.from({ length: 200 }, (_unused, i) => i),
    );
    assert.ok(bridge.lines.at(-1)?.includes('"id":1'));
  });

  it('waits for a gateway that is not there yet', async () => {
    const reserved = await endpointWith(() => undefined);
    await reserved.stop();
    const bridge = bridgeTo(async () => targetAt(reserved.url));
    bridge.send(initialize);
    await eventually(() => bridge.log.some((line) => line.includes('Waiting for the gateway')));
    await endpointWith(
      legacySession('s1', () => undefined),
      reserved.port,
    );
    await bridge.line('"id":"init"', '"result"');
  });

  it('answers initialize with the next step when no gateway comes', async () => {
    const reserved = await endpointWith(() => undefined);
    await reserved.stop();
    const bridge = bridgeTo(async () => targetAt(reserved.url), { waitMs: 300 });
    bridge.send(initialize);
    assert.match(
      await bridge.line('"id":"init"', '"error"'),
      /nothing listens there.*Next: .*devcontainer-gateway up/,
    );
  });

  it('takes the new token of a gateway that was made again', async () => {
    let token = 'one';
    const answer = legacySession('s1', (_request, response) =>
      sendJson(response, '{"jsonrpc":"2.0","id":1,"result":{}}'),
    );
    const endpoint = await endpointWith((request, response) => {
      if (request.headers.authorization === `Bearer ${token}`) answer(request, response);
      else response.writeHead(401).end();
    });
    const bridge = await initializedBridge(
      () => endpoint.url,
      () => token,
    );
    token = 'two';
    bridge.send('{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"t"}}');
    await bridge.line('"id":1', '"result"');
  });

  it('does not repeat a call whose fate is unknown, and repeats a list', async () => {
    const open: ServerResponse[] = [];
    const hang = legacySession('s1', (_request, response) => {
      stream(response);
      open.push(response);
    });
    const first = await endpointWith(hang);
    const bridge = await initializedBridge(() => first.url);
    bridge.send('{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"t"}}');
    bridge.send('{"jsonrpc":"2.0","id":2,"method":"tools/list"}');
    await eventually(() => open.length === 2);
    await first.stop();
    const second = await endpointWith(
      legacySession('s2', (_request, response) =>
        sendJson(response, '{"jsonrpc":"2.0","id":2,"result":{"tools":[]}}'),
      ),
      first.port,
    );
    await bridge.line('"id":2', '"result"');
    assert.match(await bridge.line('"id":1', '"error"'), /tools\/call.*may have been carried out/);
    assert.ok(!second.seen.some((one) => one.body.includes('tools/call')));
    assert.equal(bridge.lines.filter((line) => line.includes('"serverInfo"')).length, 1);
    await bridge.line('notifications/tools/list_changed');
  });

  it('repeats a call that the gateway refused because it did not know the session', async () => {
    let session = 's1';
    const endpoint = await endpointWith((request, response) =>
      legacySession(session, (_request, reply) =>
        sendJson(reply, `{"jsonrpc":"2.0","id":1,"result":{"session":"${session}"}}`),
      )(request, response),
    );
    const bridge = await initializedBridge(() => endpoint.url);
    session = 's2';
    bridge.send('{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"t"}}');
    await bridge.line('"id":1', '"session":"s2"');
  });

  it('answers with a next step when the end point does not speak MCP', async () => {
    const endpoint = await endpointWith((_request, response) => response.writeHead(500).end('<html>'));
    const bridge = bridgeTo(async () => targetAt(endpoint.url));
    bridge.send(initialize);
    assert.match(await bridge.line('"id":"init"', '"error"'), /HTTP status 500.*Next: /);
  });
});

describe('the bridge and a real server with sessions', () => {
  it('follows it through a crash and to another port, with subscriptions, log level and questions to the client', async () => {
    let server = await startEverythingHttp();
    const bridge = startBridge(async () => targetAt(server.url));
    try {
      bridge.send(initialize.replace('"capabilities":{}', '"capabilities":{"sampling":{}}'));
      await bridge.line('"id":"init"', '"result"');
      bridge.send(initialized);
      bridge.send(
        '{"jsonrpc":"2.0","id":1,"method":"resources/subscribe","params":{"uri":"demo://resource/dynamic/text/1"}}',
      );
      await bridge.line('"id":1', '"result"');
      const ask = (id: number): void =>
        bridge.send(
          `{"jsonrpc":"2.0","id":${id},"method":"tools/call","params":{"name":"trigger-sampling-request","arguments":{"prompt":"hello"}}}`,
        );
      ask(2);
      const question = await bridge.line('"sampling/createMessage"');
      const asked = /"id":(\d+)/.exec(question)?.[1] ?? '';
      bridge.send(
        `{"jsonrpc":"2.0","id":${asked},"result":{"role":"assistant","model":"m","content":{"type":"text","text":"the answer"}}}`,
      );
      assert.match(await bridge.line('"id":2', '"result"'), /the answer/);

      ask(3);
      await eventually(
        () => bridge.lines.filter((line) => line.includes('sampling/createMessage')).length === 2,
      );
      await server.kill();
      server = await startEverythingHttp();
      await bridge.line('"id":3', '"error"', 'may have been carried out');
      await bridge.line('notifications/cancelled', 'restarted');
      await bridge.line('notifications/tools/list_changed');
      bridge.send(
        '{"jsonrpc":"2.0","id":4,"method":"tools/call","params":{"name":"echo","arguments":{"message":"again"}}}',
      );
      assert.match(await bridge.line('"id":4', '"result"'), /Echo: again/);
      bridge.send(
        '{"jsonrpc":"2.0","id":5,"method":"tools/call","params":{"name":"toggle-subscriber-updates","arguments":{}}}',
      );
      await bridge.line('notifications/resources/updated', 'dynamic/text/1');
    } finally {
      await bridge.end();
      await server.kill();
    }
  });
});
