import { ping, type Malformed } from './malformed';

function headers(): Malformed[] {
  const lines = [
    ...['', 'text/event-stream', 'application/json', '*/*;q=0', 'text/html', ',,,', '\u00e9'].map(
      (value) => `accept: ${value}`,
    ),
    ...['', 'text/plain', 'application/jsonx', 'multipart/form-data', 'application/json;charset=utf-7'].map(
      (value) => `content-type: ${value}`,
    ),
    ...['', '2099-01-01', '1', '__proto__', 'x'.repeat(1000)].map(
      (value) => `mcp-protocol-version: ${value}`,
    ),
    ...['', '0', '0_0', '-1_-1', '999_999', '1_x', '0_99999999999', '__proto__'].map(
      (value) => `last-event-id: ${value}`,
    ),
    ...[10_000, 20_000, 100_000].map((length) => `x-huge: ${'a'.repeat(length)}`),
    `cookie: ${'a=b; '.repeat(500)}`,
    `authorization: Bearer ${'a'.repeat(15_000)}`,
    `authorization: Bearer ${'a'.repeat(50_000)}`,
    `mcp-session-id: ${'a'.repeat(15_000)}`,
    `mcp-name: ${'a'.repeat(15_000)}`,
    `origin: http://${'a'.repeat(15_000)}`,
    `host: ${'a'.repeat(15_000)}`,
    `last-event-id: ${'9'.repeat(15_000)}`,
    `${'x'.repeat(15_000)}: 1`,
    Array.from({ length: 1000 }, (_unused, i) => `x${i}: 1`).join('\r\n'),
    Array.from({ length: 5000 }, (_unused, i) => `x${i}: 1`).join('\r\n'),
    Array<string>(1000).fill('mcp-session-id: 1').join('\r\n'),
    Array<string>(500).fill('content-type: text/plain').join('\r\n'),
    '__proto__: 1',
    'constructor: 1',
    'transfer-encoding: gzip',
    'expect: 200-maybe',
    'connection: upgrade',
    'upgrade: websocket',
    'x bad: 1',
    ': empty',
    'x\0y: 1',
  ];
  return lines.flatMap((header) => [
    {
      name: `POST with ${header.slice(0, 40)}`,
      session: 'usual',
      headers: [header],
      body: ping,
      mayClose: true,
    },
    {
      name: `DELETE with ${header.slice(0, 40)}`,
      line: 'DELETE /mcp HTTP/1.1',
      headers: [header],
      mayClose: true,
    },
    {
      name: `GET with ${header.slice(0, 40)}`,
      session: 'usual',
      line: 'GET /servers/attacked/mcp HTTP/1.1',
      headers: [header],
      mayClose: true,
    },
  ]);
}

function targets(): Malformed[] {
  const paths = [
    '/mcp/',
    '//mcp',
    '/mcp/../mcp',
    '/./mcp',
    '/mcp%2f',
    '/%6dcp',
    '/mcp?x=%',
    '/mcp#f',
    '/MCP',
    '/servers//mcp',
    '/servers/attacked/mcp/x',
    '/servers/%2e%2e/mcp',
    '/servers/attacked%00/mcp',
    '/api/../mcp',
    '/api/servers/../../etc/passwd',
    '/api/logs/..%2f..%2fetc%2fpasswd',
    '/%',
    '/%zz',
    '/%c0%af',
    `/${'a'.repeat(8000)}`,
    '*',
    'http://evil.example/mcp',
    'mcp',
    '/api/events/x',
    '/.well-known/../api/servers',
  ];
  const methods = ['GET', 'POST', 'PUT', 'PATCH', 'OPTIONS', 'HEAD', 'TRACE', 'PROPFIND'];
  return [
    ...paths.map((path) => ({
      name: `the path ${path.slice(0, 30)}`,
      line: `POST ${path} HTTP/1.1`,
      body: ping,
      mayClose: true,
    })),
    ...methods.map((method) => ({
      name: `${method} without a session`,
      line: `${method} /mcp HTTP/1.1`,
      mayClose: true,
    })),
  ];
}

function wire(): Malformed[] {
  const host = 'host: 127.0.0.1\r\nauthorization: Bearer TOKEN\r\ncontent-type: application/json\r\n';
  const raws = [
    'GARBAGE\r\n\r\n',
    '\r\n\r\n',
    '\0\0\0\0',
    '\x16\x03\x01\x02\x00\x01\x00',
    'GET\r\n\r\n',
    'GET /mcp\r\n\r\n',
    'GET /mcp HTTP/9.9\r\n\r\n',
    `POST /mcp HTTP/1.1\r\n${host}content-length: -1\r\n\r\n`,
    `POST /mcp HTTP/1.1\r\n${host}content-length: 1\r\ncontent-length: 2\r\n\r\n{}`,
    `POST /mcp HTTP/1.1\r\n${host}content-length: 99999999999999\r\n\r\n{`,
    `POST /mcp HTTP/1.1\r\n${host}content-length: 2\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n`,
    `POST /mcp HTTP/1.1\r\n${host}transfer-encoding: chunked\r\n\r\nzz\r\n`,
    `POST /mcp HTTP/1.1\r\n${host}transfer-encoding: chunked\r\n\r\n5\r\n{"a"`,
    'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n',
    'GET /mcp HTTP/1.1\r\nhost: a\r\nhost: b\r\n\r\n',
    'GET /mcp HTTP/1.1\r\n\r\n',
  ];
  return raws.map((raw, i) => ({ name: `no HTTP ${i}`, raw, mayClose: true }));
}

/** Connections that are left half open, or broken, at every stage of a request. */
function sockets(): Malformed[] {
  const host = 'host: 127.0.0.1\r\nauthorization: Bearer TOKEN\r\ncontent-type: application/json\r\n';
  const whole = `POST /mcp HTTP/1.1\r\n${host}content-length: 40\r\n\r\n${ping}`;
  const ends = [undefined, 'end', 'reset'] as const;
  const halves = Array.from({ length: 20 }, (_unused, i) => whole.slice(0, i * 9 + 1));
  const chunked = `POST /mcp HTTP/1.1\r\n${host}transfer-encoding: chunked\r\n\r\n`;
  const inChunks = [chunked, `${chunked}5`, `${chunked}5\r\n{"js`, `${chunked}5\r\n{"jso\r\n`];
  const raws = [...halves, ...inChunks].flatMap((raw, i) =>
    ends.map((then) => ({
      name: `part ${i} of a request, and then ${then ?? 'nothing'}`,
      raw,
      ...(then === undefined ? {} : { then }),
      mayClose: true,
    })),
  );
  const call = (tool: string): string =>
    `{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"${tool}","arguments":{"count":20},"_meta":{"progressToken":1}}}`;
  const left = (['end', 'reset'] as const).flatMap((then) => [
    { name: `a ping, and then ${then}`, session: 'usual' as const, body: ping, then, mayClose: true },
    ...['ping', 'progress', 'wait'].map((tool) => ({
      name: `a call of ${tool}, and then ${then}`,
      session: 'usual' as const,
      // Every id of a session is in use once: a reset leaves its call behind.
      body: call(tool).replace('"id":1', `"id":"${tool} ${then}"`),
      then,
      mayClose: true,
    })),
    {
      name: `a stream, and then ${then}`,
      session: 'usual' as const,
      line: 'GET /servers/attacked/mcp HTTP/1.1',
      then,
      mayClose: true,
    },
  ]);
  return [...raws, ...left];
}

/** What is wrong below JSON: headers, paths, HTTP itself, connections. */
export function malformedHttp(): Malformed[] {
  return [...headers(), ...targets(), ...wire(), ...sockets()];
}
