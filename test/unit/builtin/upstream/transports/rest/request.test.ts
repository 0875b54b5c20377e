import assert from 'node:assert/strict';
import {
  guardedLookup,
  isPrivateAddress,
  isPrivateName,
} from '../../../../../../src/builtin/upstream/transports/rest/address-guard';
import {
  listed,
  operationOf,
  type Operation,
} from '../../../../../../src/builtin/upstream/transports/rest/operation';
import { requestOf, type RestApi } from '../../../../../../src/builtin/upstream/transports/rest/request';
import { resultOf } from '../../../../../../src/builtin/upstream/transports/rest/result';
import { Arguments } from '../../../../../../src/builtin/upstream/transports/rest/template';
import { parseServersFile } from '../../../../../../src/servers/parse';

const api: RestApi = { baseUrl: new URL('https://api.example.com/v1/?key=k'), headers: {}, auth: undefined };

function operation(tool: object): Operation {
  const entry = { type: 'rest', baseUrl: 'https://api.example.com', tools: [{ name: 't', ...tool }] };
  const definition = parseServersFile(JSON.stringify({ servers: { one: entry } }), 'f').servers.get('one');
  assert.ok(definition?.type === 'rest' && definition.tools[0]);
  return operationOf(definition.tools[0], (text) => text.replaceAll('${SECRET}', 's3cr3t'));
}

function request(tool: object, args = '{}', over: Partial<RestApi> = {}) {
  const bytes = Buffer.from(args);
  const { url, headers, body, method } = requestOf(
    { ...api, ...over },
    operation(tool),
    new Arguments(bytes, { start: 0, end: bytes.length }),
  );
  return { url: url.href, headers, body: body?.toString(), method };
}

describe('the request of a REST tool', () => {
  it('puts arguments into path and query, encoded, and leaves out what is missing', () => {
    const tool = {
      path: '/orders/{id}/{{args.part}}',
      params: { q: '{{args.query}}', tag: '{{args.tags}}', limit: 5, page: 'p{{args.page}}' },
    };
    const args = '{"id":"a/b c","part":9007199254740993,"query":"ä&b","tags":["x","y"]}';
    assert.equal(
      request(tool, args).url,
      'https://api.example.com/v1/orders/a%2Fb%20c/9007199254740993?key=k&q=%C3%A4%26b&tag=x&tag=y&limit=5',
    );
  });

  it('is refused when an argument of the path is missing or would climb out of it', () => {
    assert.throws(() => request({ path: '/a/{id}' }), /The argument "id" is missing/);
    for (const id of ['..', '.', '%2e%2E']) {
      const climbs = (): unknown => request({ path: '/a/{id}/b' }, JSON.stringify({ id }));
      if (id.startsWith('%'))
        assert.match(request({ path: '/a/{id}/b' }, JSON.stringify({ id })).url, /%252e%252E/);
      else assert.throws(climbs, /segment of dots/);
    }
  });

  it('is refused when an argument of the path is no value, or leads elsewhere for some server', () => {
    const values = [
      '',
      ' ',
      '\t',
      '\u0000',
      'a\u0000',
      [],
      {},
      ['a'],
      { a: 1 },
      '../x',
      'a/../b',
      'a\\..',
      './x',
      '..;v=1',
    ];
    for (const tool of [
      { method: 'DELETE', path: '/items/{id}' },
      { method: 'DELETE', path: '/items/{{args.id}}' },
      { path: '/items/x{id}/parts' },
    ])
      for (const id of values)
        assert.throws(
          () => request(tool, JSON.stringify({ id })),
          /The argument "id" is part of the path, so it must/,
          JSON.stringify(id),
        );
    assert.throws(() => request({ path: '/a/{id}' }, '{"id":"\\ud800"}'), /whole characters/);
    for (const [where, id] of [
      ['/a/.{id}', '.'],
      ['/a/%2{id}', 'e'],
    ] as const)
      assert.throws(() => request({ path: where }, JSON.stringify({ id })), /segment of dots/);
    for (const id of [0, false, 'a.b', '...', 'x/y', 'a;b'])
      assert.match(request({ path: '/items/{id}' }, JSON.stringify({ id })).url, /items\/\S+\?key/);
  });

  it('takes an empty argument in the query of its path, where it is a value', () => {
    assert.match(request({ path: '/a?q={q}&r=1' }, '{"q":""}').url, /[?&]q=&r=1$/);
    assert.match(request({ path: '/a?q={q}&r=1' }, '{"q":"1&r=2#x"}').url, /[?&]q=1%26r%3D2%23x&r=1$/);
  });

  it('expands variables in what the definition says, and never in an argument', () => {
    const tool = { params: { a: '${SECRET}', b: '{{args.x}}' } };
    assert.match(
      request(tool, '{"x":"${SECRET}{{args.a}}"}').url,
      /a=s3cr3t&b=%24%7BSECRET%7D%7B%7Bargs\.a%7D%7D$/,
    );
  });

  it('makes a JSON body in which arguments keep every digit and their type', () => {
    const tool = {
      method: 'POST',
      body: {
        id: '{{args.id}}',
        list: ['{{args.no}}', 1],
        text: 'n {{args.id}}',
        gone: '{{args.no}}',
        deep: { all: '{{args}}' },
      },
    };
    const args = '{"id":12345678901234567890.10}';
    const { body, headers } = request(tool, args);
    assert.equal(
      body,
      `{"id":12345678901234567890.10,"list":[null,1],"text":"n 12345678901234567890.10","deep":{"all":${args}}}`,
    );
    assert.equal(headers['content-type'], 'application/json');
    assert.equal(headers['content-length'], String(Buffer.byteLength(body)));
  });

  it('sends the arguments that are used nowhere else when no body is described', () => {
    const tool = { method: 'PUT', path: '/{id}' };
    assert.equal(request(tool, '{"a":1e400, "id":"x","b":{"id":2}}').body, '{"a":1e400,"b":{"id":2}}');
    assert.equal(request({ method: 'POST' }, '{ "a" : 1.0 }').body, '{ "a" : 1.0 }');
    assert.equal(request({ method: 'GET' }, '{"a":1}').body, undefined);
    assert.equal(request({ method: 'DELETE' }, '{"a":1}').body, undefined);
  });

  it('lets no argument break out of a body that is a text', () => {
    const args = '{"x":"a&b=\\"c"}';
    const body = 'v={{args.x}}';
    const headers = { 'Content-Type': 'application/x-www-form-urlencoded' };
    assert.equal(request({ method: 'POST', body, headers }, args).body, 'v=a%26b%3D%22c');
    assert.equal(
      request(
        { method: 'POST', body: '{"v":"{{args.x}}"}', headers: { 'content-type': 'application/json' } },
        args,
      ).body,
      '{"v":"a&b=\\"c"}',
    );
    assert.deepEqual(
      request({ method: 'POST', body }, args).headers['content-type'],
      'text/plain; charset=utf-8',
    );
  });

  const bodies: [string, string, string, string, string | RegExp][] = [
    [
      'JSON in a string',
      'application/json',
      '{"v":"{{args.x}}"}',
      'a"},{"b":"',
      '{"v":"a\\"},{\\"b\\":\\""}',
    ],
    [
      'JSON as a value',
      'application/problem+json',
      '{"v":{{args.x}},"w":1}',
      '1,"admin":true',
      '{"v":"1,\\"admin\\":true","w":1}',
    ],
    ['lines of JSON', 'application/x-ndjson', '{"v":"{{args.x}}"}\n', 'a\n{}', '{"v":"a\\n{}"}\n'],
    [
      'a form',
      'application/x-www-form-urlencoded; charset=utf-8',
      'v={{args.x}}',
      'a&admin=1',
      'v=a%26admin%3D1',
    ],
    [
      'XML in an element',
      'application/xml',
      '<v>{{args.x}}</v>',
      '</v><admin/>&e;',
      '<v>&lt;/v&gt;&lt;admin/&gt;&amp;e;</v>',
    ],
    ['XML in an attribute', 'text/xml', '<v a="{{args.x}}"/>', "\" b='1'", '<v a="&quot; b=&apos;1&apos;"/>'],
    [
      'SOAP',
      'application/soap+xml',
      '<?xml version="1.0"?><v>{{args.x}}</v>',
      '<x>',
      '<?xml version="1.0"?><v>&lt;x&gt;</v>',
    ],
    ['XML in a tag', 'application/xml', '<v {{args.x}}/>', 'admin="1"', /inside a tag/],
    ['XML in a comment', 'application/xml', '<!-- a > {{args.x}} -->', '--><admin/>', /inside a tag/],
    ['XML in CDATA', 'application/xml', '<v><![CDATA[a>{{args.x}}]]></v>', ']]><admin/>', /inside a tag/],
    ['XML without such a character', 'application/xml', '<v>{{args.x}}</v>', '\u0001', /XML does not allow/],
    ['plain text', 'text/plain', 'v={{args.x}}', 'a&b\n"', 'v=a&b\n"'],
    ['XML as a whole', 'application/xml', '{{args.x}}', '<a/>', '&lt;a/&gt;'],
    ['a type without rules here', 'application/yaml', 'v: {{args.x}}', 'plain word-1', 'v: plain word-1'],
    ['YAML', 'application/yaml', 'v: {{args.x}}', 'a\nadmin: true', /cannot escape it for application\/yaml/],
    ['YAML in one line', 'application/yaml', 'v: {{args.x}}', '{a: 1}', /cannot escape/],
    [
      'GraphQL',
      'application/graphql',
      '{ user(id: "{{args.x}}") { id } }',
      '") { id } admin(id: "',
      /cannot escape/,
    ],
    ['CSV', 'text/csv', 'a,{{args.x}}', '1,2', /cannot escape/],
    ['HTML', 'text/html', '<p>{{args.x}}</p>', '<script>', /cannot escape/],
    [
      'parts of a form',
      'multipart/form-data; boundary=b',
      '--b\r\n\r\n{{args.x}}\r\n--b--',
      '\r\n--b\r\n',
      /cannot escape/,
    ],
  ];
  for (const [what, type, body, x, expected] of bodies)
    it(`keeps an argument one value in a text body: ${what}`, () => {
      const of = () =>
        request({ method: 'POST', body, headers: { 'Content-Type': type } }, JSON.stringify({ x })).body;
      if (typeof expected === 'string') assert.equal(of(), expected);
      else assert.throws(of, expected);
    });

  it('lets no argument end a header', () => {
    const headers = { 'X-Note': 'n {{args.x}}' };
    assert.equal(request({ headers }, '{"x":"ä\\tb"}').headers['x-note'], 'n ä\tb');
    for (const x of ['a\r\nHost: b', 'a\nb', 'a\rb', 'a\u0000', 'a\u2028', '\u010d\u010a'])
      assert.throws(() => request({ headers }, JSON.stringify({ x })), /the header "X-Note" has a character/);
  });

  it('lets no argument decide a header that frames or routes the request', () => {
    const names = [
      'Host',
      'Content-Type',
      'content-encoding',
      'Forwarded',
      'X-Forwarded-Host',
      'X-Forwarded-For',
      'X-HTTP-Method-Override',
      'Via',
      'X-Original-URL',
    ];
    for (const name of names) {
      assert.throws(
        () => operation({ headers: { [name]: 'a {{ args.x }}' } }),
        /An argument must not decide/,
        name,
      );
      assert.ok(operation({ headers: { [name]: 'fixed' } }), 'a fixed value is a decision of the definition');
    }
    for (const name of [
      'Content-Length',
      'transfer-encoding',
      'Connection',
      'TE',
      'Upgrade',
      'Trailer',
      'Keep-Alive',
      'Proxy-Connection',
      'Expect',
    ])
      assert.throws(
        () => operation({ headers: { [name]: '1' } }),
        /The gateway sets this header itself/,
        name,
      );
    assert.throws(() => operation({ headers: { 'a b': '1' } }), /not the name of an HTTP header/);
  });

  it('carries the credentials of the API', () => {
    const of = (auth: RestApi['auth']) => request({}, '{}', { auth, headers: { Accept: 'text/csv' } });
    assert.equal(of({ type: 'bearer', token: 't' }).headers['authorization'], 'Bearer t');
    assert.equal(of({ type: 'basic', username: 'u', password: 'p' }).headers['authorization'], 'Basic dTpw');
    assert.equal(of({ type: 'apiKey', name: 'X-Key', value: 'k', in: 'header' }).headers['x-key'], 'k');
    assert.match(of({ type: 'apiKey', name: 'token', value: 'a b', in: 'query' }).url, /[?&]token=a\+b/);
    assert.equal(of({ type: 'header', name: 'X-Auth', value: 'v' }).headers['x-auth'], 'v');
    assert.equal(of(undefined).headers['accept'], 'text/csv');
  });
});

describe('a REST tool in a list', () => {
  it('has the schema that it was given, or one of its placeholders', () => {
    const inputSchema = { type: 'object', properties: { a: { type: 'integer' } } };
    assert.deepEqual(listed(operation({ inputSchema, description: 'd' })), {
      name: 't',
      description: 'd',
      inputSchema,
      annotations: { readOnlyHint: true, idempotentHint: true },
    });
    const derived = listed(
      operation({ method: 'POST', path: '/{id}', params: { q: '{{args.q}}' }, body: { x: '{{args.x.y}}' } }),
    );
    assert.deepEqual('inputSchema' in derived && derived.inputSchema, {
      type: 'object',
      properties: { id: { type: 'string' }, q: { type: 'string' }, x: {} },
      required: ['id'],
      additionalProperties: false,
    });
  });
});

describe('the result of a REST tool', () => {
  const result = (status: number, type: string, body: string | Buffer): string =>
    resultOf({
      status,
      headers: { 'content-type': type },
      body: Buffer.from(body),
      url: 'https://x/y',
    }).toString();

  it('is the status, the text of the body, and a JSON object as it came', () => {
    assert.equal(
      result(200, 'application/json; charset=utf-8', '{"n":1e400}\n'),
      '{"content":[{"type":"text","text":"HTTP 200 OK"},{"type":"text","text":"{\\"n\\":1e400}\\n"}],"structuredContent":{"n":1e400}}',
    );
    assert.equal(result(200, 'application/json', '[1]').includes('structuredContent'), false);
    assert.equal(
      result(204, 'application/json', ''),
      '{"content":[{"type":"text","text":"HTTP 204 No Content"}]}',
    );
  });

  it('is an error of the tool from 400 on, with the body kept', () => {
    assert.match(result(422, 'text/plain', 'no such order'), /HTTP 422 .*no such order.*"isError":true\}$/);
  });

  it('keeps what is no text as what it is', () => {
    const bytes = Buffer.from([0xff, 0xd8, 0x00]);
    assert.match(result(200, 'image/jpeg', bytes), /"type":"image","data":"\/9gA","mimeType":"image\/jpeg"/);
    assert.match(
      result(200, 'application/zip', bytes),
      /"resource":\{"uri":"https:\/\/x\/y","mimeType":"application\/zip","blob":"\/9gA"\}/,
    );
    assert.match(result(200, 'text/plain; charset=iso-8859-1', Buffer.from([0xe4])), /"text":"ä"/);
  });
});

describe('an address', () => {
  it('is private or public', () => {
    for (const address of [
      '127.0.0.1',
      '10.1.2.3',
      '172.31.0.1',
      '192.168.1.1',
      '169.254.169.254',
      '100.64.0.1',
      '::1',
      'fd00::1',
      'fe80::1',
      '::ffff:10.0.0.1',
    ])
      assert.equal(isPrivateAddress(address), true, address);
    for (const address of ['8.8.8.8', '172.32.0.1', '2606:4700::1'])
      assert.equal(isPrivateAddress(address), false, address);
    for (const name of ['localhost', 'orders', 'host.docker.internal', 'printer.local'])
      assert.equal(isPrivateName(name), true, name);
    assert.equal(isPrivateName('api.example.com'), false);
  });

  it('that is private is not what a public name may lead to, unless that is wanted', async () => {
    const lookUp = async (host: string, address: string, ...allowed: string[]): Promise<string> =>
      await new Promise((resolve) => {
        const lookup = guardedLookup(allowed, (_host, _options, found) =>
          found(null, [{ address, family: 4 }]),
        );
        lookup(host, {}, (error, found) => resolve(error ? error.message : JSON.stringify(found)));
      });
    assert.match(await lookUp('api.example.com', '10.0.0.5'), /private address 10\.0\.0\.5.*allowHosts/);
    assert.equal(await lookUp('api.example.com', '10.0.0.5', 'api.example.com'), '"10.0.0.5"');
    assert.equal(await lookUp('api.example.com', '8.8.8.8'), '"8.8.8.8"');
    assert.equal(await lookUp('orders', '172.20.0.3'), '"172.20.0.3"');
  });
});
