/** One request that a client should not send. */
export interface Malformed {
  name: string;
  /** The request line and the headers, without those that every request has; `raw` replaces all of it. */
  line?: string;
  headers?: readonly string[];
  body?: string;
  raw?: string;
  /** With a session of its own; without one the request stands alone. */
  session?: boolean;
  /** The connection may be closed without an answer: what came was no HTTP, or not all of it. */
  mayClose?: boolean;
}

const values = [
  'null',
  'true',
  '0',
  '-1',
  '1.5',
  '1e999',
  '9007199254740993',
  '""',
  '"x"',
  '"\\u0000"',
  '"__proto__"',
  '[]',
  '{}',
  '{"__proto__":{"a":1}}',
];
const trickyNames = [
  '__proto__',
  'constructor',
  'toString',
  'hasOwnProperty',
  'valueOf',
  '..',
  '%00',
  'x'.repeat(5000),
];

const broken = [
  '',
  ' ',
  '{',
  '}',
  '[',
  ']',
  '{]',
  '"',
  '{"',
  '{"a',
  '{"a"',
  '{"a":',
  '{"a":1',
  '{"a":1,',
  '{"a":1,}',
  '{,}',
  '[1,]',
  '[,1]',
  '{"a" 1}',
  '{a:1}',
  "{'a':1}",
  'nul',
  'NULL',
  'tru',
  'undefined',
  'NaN',
  'Infinity',
  '01',
  '1.',
  '.5',
  '+1',
  '-',
  '1e',
  '1e+',
  '0x10',
  '"\\x"',
  '"\\u12"',
  '"\\u12zz"',
  '"\n"',
  '"\t"',
  '"\u0001"',
  '{}{}',
  '{} x',
  '[] []',
  '\uFEFF{}',
  '\u00A0{}',
  '// c\n{}',
  '/* c */{}',
  '{"a":1}/**/',
  '\0',
  '{"a":\0}',
  '['.repeat(100_000),
  '{"a":'.repeat(50_000),
  `"${'a'.repeat(100_000)}`,
  '<xml/>',
  'id=1&method=ping',
];

const modernMeta =
  '"_meta":{"io.modelcontextprotocol/protocolVersion":"2026-07-28","io.modelcontextprotocol/clientCapabilities":{}}';
const modern = (method: string, name?: string): string[] => [
  'mcp-protocol-version: 2026-07-28',
  `mcp-method: ${method}`,
  ...(name === undefined ? [] : [`mcp-name: ${name}`]),
];

function bodies(): Malformed[] {
  return broken.flatMap((body, i) => [
    { name: `broken JSON ${i} in a session`, session: true, body },
    { name: `broken JSON ${i} of 2026-07-28`, headers: modern('tools/list'), body },
  ]);
}

function envelopes(): Malformed[] {
  const whole = { jsonrpc: '"2.0"', id: '1', method: '"ping"', params: '{}' };
  return Object.keys(whole).flatMap((member) =>
    values.flatMap((value) => {
      const text = (params: string): string =>
        `{${Object.entries({ ...whole, params, [member]: value })
          .map(([key, one]) => `"${key}":${one}`)
          .join(',')}}`;
      return [
        { name: `"${member}" is ${value} in a session`, session: true, body: text('{}') },
        {
          name: `"${member}" is ${value} of 2026-07-28`,
          headers: modern('ping'),
          body: text(`{${modernMeta}}`),
        },
      ];
    }),
  );
}

const fields: readonly [string, string][] = [
  ['tools/call', '{"name":V,"arguments":{}}'],
  ['tools/call', '{"name":"attacked__ping","arguments":V}'],
  ['tools/call', '{"name":"attacked__ping","_meta":V}'],
  ['tools/call', '{"name":"attacked__ping","_meta":{"progressToken":V}}'],
  ['resources/read', '{"uri":V}'],
  ['resources/subscribe', '{"uri":V}'],
  ['prompts/get', '{"name":V}'],
  ['completion/complete', '{"ref":V,"argument":{"name":"a","value":""}}'],
  ['logging/setLevel', '{"level":V}'],
  ['tools/list', '{"cursor":V}'],
  ['initialize', '{"protocolVersion":V,"capabilities":{},"clientInfo":{}}'],
  ['initialize', '{"protocolVersion":"2025-11-25","capabilities":V,"clientInfo":V}'],
];

function params(): Malformed[] {
  return fields.flatMap(([method, shape]) =>
    values.map((value) => ({
      name: `${method} with ${shape} where V is ${value}`,
      session: true,
      body: `{"jsonrpc":"2.0","id":1,"method":"${method}","params":${shape.replaceAll('V', value)}}`,
    })),
  );
}

function notifications(): Malformed[] {
  const methods = ['cancelled', 'progress', 'initialized', 'roots/list_changed', '__proto__'];
  return methods.flatMap((method) =>
    values.map((value) => ({
      name: `notifications/${method} of ${value}`,
      session: true,
      body: `{"jsonrpc":"2.0","method":"notifications/${method}","params":{"requestId":${value},"progressToken":${value}}}`,
    })),
  );
}

function names(): Malformed[] {
  return trickyNames.flatMap((name) => [
    {
      name: `the method ${name.slice(0, 20)}`,
      session: true,
      body: `{"jsonrpc":"2.0","id":1,"method":"${name}"}`,
    },
    {
      name: `the tool ${name.slice(0, 20)}`,
      session: true,
      body: `{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"${name}"}}`,
    },
    { name: `the page ${name.slice(0, 20)}`, line: `GET /api/${name} HTTP/1.1` },
    { name: `the server ${name.slice(0, 20)}`, line: `POST /servers/${name}/mcp HTTP/1.1`, body: '{}' },
    { name: `the log ${name.slice(0, 20)}`, line: `GET /api/logs/${name} HTTP/1.1` },
    {
      name: `the session ${name.slice(0, 20)}`,
      headers: [`mcp-session-id: ${name}`],
      body: '{"jsonrpc":"2.0","id":1,"method":"ping"}',
    },
  ]);
}

function batches(): Malformed[] {
  const ping = '{"jsonrpc":"2.0","id":1,"method":"ping"}';
  return [0, 1, 2, 100, 10_000].flatMap((size) => [
    {
      name: `a batch of ${size} requests`,
      session: true,
      body: `[${Array<string>(size).fill(ping).join(',')}]`,
    },
    {
      name: `a batch of ${size} numbers`,
      session: true,
      body: `[${Array<string>(size).fill('1').join(',')}]`,
    },
  ]);
}

const ping = '{"jsonrpc":"2.0","id":1,"method":"ping"}';

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
      session: true,
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
  const halves = Array.from({ length: 20 }, (_unused, i) => ({
    name: `the first ${i * 7 + 1} bytes of a request, and nothing more`,
    raw: `POST /mcp HTTP/1.1\r\n${host}content-length: 40\r\n\r\n${ping}`.slice(0, i * 7 + 1),
    mayClose: true,
  }));
  return [...raws.map((raw, i) => ({ name: `no HTTP ${i}`, raw, mayClose: true })), ...halves];
}

/** More than 500 requests that a client should not send. */
export function malformed(): Malformed[] {
  return [
    ...bodies(),
    ...envelopes(),
    ...params(),
    ...notifications(),
    ...names(),
    ...batches(),
    ...headers(),
    ...targets(),
    ...wire(),
  ];
}
