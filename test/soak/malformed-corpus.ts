import { malformedHttp } from './malformed-http';
import { ping, type Malformed } from './malformed';

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
    { name: `broken JSON ${i} in a session`, session: 'usual', body, refused: true },
    { name: `broken JSON ${i} of 2026-07-28`, headers: modern('tools/list'), body, refused: true },
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
        { name: `"${member}" is ${value} in a session`, session: 'usual', body: text('{}') },
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
  ['tools/call', '{"name":"ping","arguments":V}'],
  ['tools/call', '{"name":"ping","_meta":V}'],
  ['tools/call', '{"name":"ping","_meta":{"progressToken":V}}'],
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
      session: 'usual',
      body: `{"jsonrpc":"2.0","id":1,"method":"${method}","params":${shape.replaceAll('V', value)}}`,
    })),
  );
}

/** Those of 1 to 20 name requests that the other session has under way. */
function notifications(): Malformed[] {
  const ids = [...values, ...Array.from({ length: 20 }, (_unused, i) => String(i + 1))];
  const methods = ['cancelled', 'progress', 'initialized', 'roots/list_changed', '__proto__'];
  return methods.flatMap((method) =>
    ids.map((value) => ({
      name: `notifications/${method} of ${value}`,
      session: 'usual',
      body: `{"jsonrpc":"2.0","method":"notifications/${method}","params":{"requestId":${value},"progressToken":${value}}}`,
    })),
  );
}

function names(): Malformed[] {
  return trickyNames.flatMap((name) => [
    {
      name: `the method ${name.slice(0, 20)}`,
      session: 'usual',
      body: `{"jsonrpc":"2.0","id":1,"method":"${name}"}`,
    },
    {
      name: `the tool ${name.slice(0, 20)}`,
      session: 'usual',
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

/** A member that stands twice: two readers could take different ones. */
function doubled(): Malformed[] {
  const whole = { jsonrpc: '"2.0"', id: '1', method: '"ping"', params: '{}' };
  const others = ['"1.0"', '2', '"tools/list"', '{"name":"cancelled"}'];
  const envelope = Object.keys(whole).flatMap((member, i) =>
    [others[i] ?? '', whole[member as keyof typeof whole]].map((other) => ({
      name: `"${member}" twice, the second time ${other}`,
      session: 'usual' as const,
      body: `${ping.slice(0, -1)},"params":{},"${member}":${other}}`,
      refused: true,
    })),
  );
  const inside = [
    '{"name":"ping","name":"cancelled"}',
    '{"name":"ping","_meta":{"progressToken":1,"progressToken":2}}',
    '{"name":"ping","n\\u0061me":"cancelled"}',
    '{"uri":"a:1","uri":"b:2"}',
    '{"name":"ping","_meta":{"progressToken":1},"_meta":{"progressToken":2}}',
  ];
  return [
    ...envelope,
    ...inside.map((given) => ({
      name: `a call with ${given}`,
      session: 'usual' as const,
      body: `{"jsonrpc":"2.0","id":1,"method":"tools/call","params":${given}}`,
      refused: true,
    })),
  ];
}

/** Unusual ids that JSON-RPC allows come back as they are; the others are refused. */
function ids(): Malformed[] {
  const allowed = [
    '-1',
    '-9007199254740993',
    '-123456789012345678901234567890',
    '0',
    '""',
    '"-1"',
    '"__proto__"',
    '"\\u0000"',
    `"${'x'.repeat(5000)}"`,
  ];
  const refused = ['true', '{}', '[]', '[1]', '{"__proto__":1}', '- 1', '--1', '-01', '+1', '-Infinity'];
  const body = (id: string): string => `{"jsonrpc":"2.0","id":${id},"method":"ping"}`;
  return [
    ...allowed.map((id) => ({
      name: `the id ${id.slice(0, 40)}`,
      session: 'usual' as const,
      body: body(id),
      answer: `"id":${id},"result"`,
    })),
    ...refused.map((id) => ({
      name: `the id ${id}`,
      session: 'usual' as const,
      body: body(id),
      refused: true,
    })),
  ];
}

/** Keys that mean something to a program which copies members into objects. */
function keys(): Malformed[] {
  const evil = [
    '"__proto__":{"polluted":1}',
    '"__proto__":null',
    '"constructor":{"prototype":{"polluted":1}}',
    '"toString":1',
    '"hasOwnProperty":null',
    '"then":{}',
    '"toJSON":"x"',
    '"length":-1',
  ];
  const initialize = (params: string): string =>
    `{"jsonrpc":"2.0","id":1,"method":"initialize","params":{"protocolVersion":"2025-11-25",${params}}}`;
  const call = (params: string): string =>
    `{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"ping",${params}}}`;
  return evil.flatMap((member) =>
    [
      `{${member},${ping.slice(1)}`,
      call(member),
      call(`"arguments":{${member}}`),
      call(`"_meta":{${member}}`),
      call(`"_meta":{"progressToken":{${member}}}`),
      initialize(`"capabilities":{${member}},"clientInfo":{"name":"x","version":"1"}`),
      initialize(`"capabilities":{},"clientInfo":{${member}}`),
      initialize(`"capabilities":{"sampling":{${member}}},"clientInfo":{"name":"x","version":"1"},${member}`),
    ].map((body, i) => ({ name: `the key ${member} at place ${i}`, session: 'usual' as const, body })),
  );
}

/** In a session whose revision has batches, and in one whose revision has none. */
function batches(): Malformed[] {
  const call = '{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"ping"}}';
  const cancel = '{"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":1}}';
  const initialize = '{"jsonrpc":"2.0","id":1,"method":"initialize","params":{}}';
  const result = '{"jsonrpc":"2.0","id":1,"result":{}}';
  const of = (size: number, message: string): string => `[${Array<string>(size).fill(message).join(',')}]`;
  const sized = [0, 1, 2, 100, 101, 10_000].flatMap((size) =>
    [ping, call, cancel, result, initialize, '1', 'null', '[]', '{}'].map((one) => [
      `a batch of ${size} x ${one}`,
      of(size, one),
    ]),
  );
  const mixed = [`[${ping},${call},${cancel},${result},{}]`, `[${ping},]`, `[[${ping}]]`, `[${ping}`];
  const all = [...sized, ...mixed.map((body) => ['a mixed batch', body])];
  return [
    ...all.flatMap(([name = '', body = '']) => [
      { name, session: 'batches' as const, body, refused: refusedBatch(body) },
      { name: `${name} to a session without`, session: 'usual' as const, body, refused: true },
    ]),
    // A flood: every one of these is a hundred calls.
    ...Array.from({ length: 100 }, (_unused, i) => ({
      name: 'one of many large batches',
      session: 'batches' as const,
      body: `[${Array.from({ length: 100 }, (_none, at) => call.replace('1', `"${i}/${at}"`)).join(',')}]`,
    })),
  ];
}

/** What is no JSON, holds no or too many messages, or begins a session is refused as a whole. */
function refusedBatch(body: string): boolean {
  try {
    const messages = JSON.parse(body) as unknown[];
    return messages.length === 0 || messages.length > 100 || body.includes('initialize');
  } catch {
    return true;
  }
}

/**
 * More than 500 requests that a client should not send. Each has an id of its own: many are under way at a time, and an id
 * that is in use is refused for that alone.
 */
export function malformed(): Malformed[] {
  const all = [
    ...bodies(),
    ...envelopes(),
    ...params(),
    ...notifications(),
    ...names(),
    ...doubled(),
    ...ids(),
    ...keys(),
    ...batches(),
    ...malformedHttp(),
  ];
  return all.map((one, i) =>
    one.body === undefined ? one : { ...one, body: one.body.replaceAll('"id":1,', `"id":"case ${i}",`) },
  );
}
