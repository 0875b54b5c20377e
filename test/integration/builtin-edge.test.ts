import assert from 'node:assert/strict';
import http from 'node:http';
import { ownServer, startTestGateway, type TestGateway } from '../support/gateway';

interface Reply {
  status: number;
  headers: http.IncomingHttpHeaders;
  body: string;
}

/** A request whose Host header can be anything, which `fetch` does not allow. */
async function send(
  gateway: TestGateway,
  path: string,
  headers: Record<string, string>,
  method = 'POST',
  body = '',
): Promise<Reply> {
  return await new Promise((resolve, reject) => {
    const request = http.request(gateway.base + path, { method, headers }, (response) => {
      let text = '';
      response.setEncoding('utf8').on('data', (chunk: string) => (text += chunk));
      response.on('end', () =>
        resolve({ status: response.statusCode ?? 0, headers: response.headers, body: text }),
      );
    });
    request.on('error', reject).end(body);
  });
}

describe('the edge of the gateway', () => {
  let gateway: TestGateway;
  let authorization: string;

  before(async () => {
    gateway = await startTestGateway({ servers: { good: ownServer('nasty') } });
    authorization = `Bearer ${gateway.token}`;
  });
  after(async () => gateway.stop());

  it('refuses a foreign Host before it looks at Origin or token', async () => {
    const reply = await send(gateway, '/mcp', { host: 'evil.example', origin: 'http://evil.example' });
    assert.equal(reply.status, 403);
    assert.match(reply.body, /The Host \\"evil.example\\" is not allowed/);
  });

  it('refuses a foreign Origin before it looks at the token', async () => {
    const reply = await send(gateway, '/mcp', { origin: 'http://evil.example' });
    assert.equal(reply.status, 403);
    assert.match(reply.body, /The Origin/);
  });

  it('knows no page by the name of a member that every object has', async () => {
    for (const name of ['constructor', 'toString', '__proto__']) {
      assert.equal((await send(gateway, `/api/${name}`, { authorization }, 'GET')).status, 404);
      assert.equal((await send(gateway, `/servers/${name}/mcp`, { authorization }, 'GET')).status, 404);
      assert.equal((await send(gateway, `/api/logs/${name}`, { authorization }, 'GET')).status, 404);
    }
  });

  it('refuses a missing and a wrong token with a bare challenge that names the variable', async () => {
    for (const headers of [
      {},
      { authorization: 'Bearer wrong' },
      { authorization: `Basic ${gateway.token}` },
    ]) {
      const reply = await send(gateway, '/mcp', headers);
      assert.equal(reply.status, 401);
      assert.equal(reply.headers['www-authenticate'], 'Bearer');
      assert.match(reply.body, /MCP_GATEWAY_AUTH_TOKEN.*devcontainer-gateway doctor/);
    }
  });

  it('recognises a variable that the client did not expand', async () => {
    const reply = await send(gateway, '/mcp', { authorization: 'Bearer ${MCP_GATEWAY_AUTH_TOKEN}' });
    assert.match(reply.body, /sent the literal text/);
  });

  it('accepts loopback names on any port, the name of the service and a loopback Origin', async () => {
    for (const host of ['localhost:1', '127.0.0.1', '[::1]:99', 'mcp-gateway:8811', 'LOCALHOST']) {
      assert.equal((await send(gateway, '/api/servers', { host, authorization }, 'GET')).status, 200, host);
    }
    assert.equal(
      (await send(gateway, '/api/servers', { origin: 'http://localhost:5173', authorization }, 'GET')).status,
      200,
    );
  });

  it('answers health and readiness without a token with a status word alone', async () => {
    assert.deepEqual(JSON.parse((await send(gateway, '/health', {}, 'GET')).body), { status: 'ok' });
    assert.deepEqual(JSON.parse((await send(gateway, '/ready', {}, 'GET')).body), { status: 'ready' });
    for (const path of ['/api/servers', '/api/logs/good', '/api/tools', '/api/events', '/servers/good/mcp']) {
      assert.equal((await send(gateway, path, {}, 'GET')).status, 401, path);
    }
  });

  it('has no OAuth discovery documents', async () => {
    for (const path of [
      '/.well-known/oauth-protected-resource',
      '/.well-known/oauth-authorization-server/mcp',
    ]) {
      assert.equal((await send(gateway, path, {}, 'GET')).status, 404);
    }
  });

  const json = { 'content-type': 'application/json' };
  const cases: [string, string, Record<string, string>, number, RegExp][] = [
    ['broken JSON', '{"jsonrpc":', json, 400, /-32700/],
    ['no content', '', json, 400, /-32700/],
    ['a batch', '[{"jsonrpc":"2.0","id":1,"method":"ping"}]', json, 400, /-32600.*Batches/],
    ['no version', '{"id":1,"method":"ping"}', json, 400, /"id":1.*-32600/],
    ['two ids', '{"jsonrpc":"2.0","id":1,"id":2,"method":"ping"}', json, 400, /-32600.*occurs twice/],
    ['a null id', '{"jsonrpc":"2.0","id":null,"method":"ping"}', json, 400, /-32600/],
    ['array params', '{"jsonrpc":"2.0","id":1,"method":"ping","params":[]}', json, 400, /-32600/],
    ['another content type', '{}', { 'content-type': 'text/plain' }, 415, /Content-Type/],
    ['no session', '{"jsonrpc":"2.0","id":"x","method":"tools/list"}', json, 400, /"id":"x".*Mcp-Session-Id/],
    [
      'an unknown session',
      '{"jsonrpc":"2.0","id":1,"method":"tools/list"}',
      { ...json, 'mcp-session-id': 'no' },
      404,
      /-32001/,
    ],
  ];
  for (const [what, body, headers, status, expected] of cases) {
    it(`answers ${what} with ${status} and a JSON-RPC error`, async () => {
      const reply = await send(gateway, '/mcp', { ...headers, authorization }, 'POST', body);
      assert.equal(reply.status, status);
      assert.match(reply.body, expected);
    });
  }

  const meta =
    '"_meta":{"io.modelcontextprotocol/protocolVersion":"2026-07-28","io.modelcontextprotocol/clientCapabilities":{}}';
  const modern = {
    ...json,
    'mcp-protocol-version': '2026-07-28',
    'mcp-method': 'tools/call',
    'mcp-name': 'good__ping',
  };
  const call = `{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"good__ping","arguments":{},${meta}}}`;
  const modernCases: [string, string, Record<string, string>, number, RegExp][] = [
    ['headers that agree', call, modern, 200, /ping of good/],
    [
      'a name in base64',
      call,
      { ...modern, 'mcp-name': `=?base64?${Buffer.from('good__ping').toString('base64')}?=` },
      200,
      /ping of good/,
    ],
    ['another Mcp-Name', call, { ...modern, 'mcp-name': 'good__crash' }, 400, /-32020/],
    ['another Mcp-Method', call, { ...modern, 'mcp-method': 'tools/list' }, 400, /-32020/],
    [
      'another MCP-Protocol-Version',
      call,
      { ...modern, 'mcp-protocol-version': '2025-11-25' },
      400,
      /-32020/,
    ],
    [
      'an unknown revision',
      call.replace('2026-07-28', '2099-01-01'),
      { ...modern, 'mcp-protocol-version': '2099-01-01' },
      400,
      /-32022.*"supported":\["2026-07-28"\]/,
    ],
    [
      'an unknown revision that the header does not name',
      call.replace('2026-07-28', '2099-01-01'),
      modern,
      400,
      /-32020/,
    ],
    ['no envelope', call.replace(`,${meta}`, ''), modern, 400, /-32602.*protocolVersion/],
    [
      'an unknown method',
      call.replace('tools/call', 'x/y'),
      { ...modern, 'mcp-method': 'x/y' },
      404,
      /-32601/,
    ],
    [
      'a method of the legacy era',
      call.replace('tools/call', 'ping'),
      { ...modern, 'mcp-method': 'ping' },
      404,
      /-32601/,
    ],
  ];
  for (const [what, body, headers, status, expected] of modernCases) {
    it(`answers a request of 2026-07-28 with ${what} by ${status}`, async () => {
      const reply = await send(gateway, '/mcp', { ...headers, authorization }, 'POST', body);
      assert.equal(reply.status, status, reply.body);
      assert.match(reply.body, expected);
    });
  }

  it('says which address is taken and what to do', async () => {
    const port = new URL(gateway.base).port;
    await assert.rejects(
      startTestGateway({ servers: {}, args: ['--port', port] }),
      new RegExp(`127.0.0.1:${port} is used by another program.*\\n?.*another port`, 's'),
    );
  });

  it('ends a session on DELETE', async () => {
    const init =
      '{"jsonrpc":"2.0","id":1,"method":"initialize","params":{"protocolVersion":"2025-06-18","capabilities":{},"clientInfo":{"name":"t","version":"1"}}}';
    const opened = await send(gateway, '/mcp', { ...json, authorization }, 'POST', init);
    assert.equal(
      (JSON.parse(opened.body) as { result: { protocolVersion: string } }).result.protocolVersion,
      '2025-06-18',
    );
    const session = { 'mcp-session-id': String(opened.headers['mcp-session-id']), authorization };
    assert.equal((await send(gateway, '/mcp', session, 'DELETE')).status, 204);
    assert.equal((await send(gateway, '/mcp', session, 'DELETE')).status, 404);
  });
});
