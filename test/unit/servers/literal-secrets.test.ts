import assert from 'node:assert/strict';
import { literalSecrets } from '../../../src/servers/literal-secrets';
import { parseServersFile } from '../../../src/servers/parse';

describe('literal secrets in a definition', () => {
  const cases: [string, object, string[]][] = [
    [
      'in a variable whose name says so',
      { command: 'x', env: { API_KEY: 'abc-def', LOG: 'info' } },
      ['abc-def'],
    ],
    [
      'in a header, without its scheme',
      { url: 'https://h/mcp', headers: { Authorization: 'Bearer abc-def' } },
      ['abc-def'],
    ],
    ['in a URL', { url: 'https://u:pa%40sss@h/mcp?apikey=k-0001&page=1' }, ['pa@sss', 'k-0001']],
    ['in a URL that is not quite escaped', { url: 'https://u:100%p%40ss@h/' }, ['100%p@ss']],
    [
      'in what a REST API is authorised with',
      { type: 'rest', baseUrl: 'https://h', auth: { type: 'bearer', token: 'abc-def' }, tools: [] },
      ['abc-def'],
    ],
    [
      'not in the words that say how it is sent',
      {
        type: 'rest',
        baseUrl: 'https://h',
        auth: { type: 'apiKey', name: 'X-Api-Key', value: 'abc-def', in: 'header' },
        tools: [],
      },
      ['abc-def'],
    ],
    [
      'in arguments whose names say so',
      {
        command: 'npx',
        args: [
          ...['-y', 'x@1', '--api-key=sk-0001', '--token', 'sk-0002', '-e', 'DB_PASSWORD=sk-0003'],
          ...['--header', 'Authorization: Bearer sk-0004', 'https://h/sse?api_key=sk-0005'],
        ],
      },
      ['sk-0001', 'sk-0002', 'sk-0003', 'sk-0004', 'sk-0005'],
    ],
    [
      'not in arguments that say where they are',
      {
        command: 'x',
        args: [
          ...['--token-file=/run/token', '--key', './key.pem', '--no-password', 'host'],
          ...['--token', '${TOKEN}', '--password', '--verbose'],
        ],
      },
      [],
    ],
    [
      'in the default of a variable',
      {
        command: 'x',
        args: ['--url', '${URL:-http://h}', '${API_KEY:-sk-0001}'],
        env: { TOKEN: '${A:-sk-0002}', LOG: '${LOG:-info}' },
      },
      ['sk-0002', 'sk-0001'],
    ],
    [
      'in the address, headers and parameters of a REST API',
      {
        type: 'rest',
        baseUrl: 'https://u:sk-0001@h/',
        headers: { 'X-Api-Key': 'sk-0002' },
        tools: [
          {
            name: 't',
            headers: { Authorization: 'Bearer sk-0003', 'X-Token': '{{args.token}}' },
            params: { key: 'sk-0004', page: 1 },
          },
        ],
      },
      ['sk-0002', 'sk-0001', 'sk-0003', 'sk-0004'],
    ],
    [
      'not in numbers of tokens, words and what is told of them',
      {
        command: 'x',
        args: [
          ...['--max-tokens', '4096', '--token-budget=200000', 'MAX_OUTPUT_TOKENS=131072'],
          ...['--tokenizer=cl100k_base', '--enable-cookies', 'always', '--keychain-secret', 'true'],
          ...['${TOKEN_URL:-https://h/token}', '${API_KEY_FILE:-/run/secrets/key}', '${MAX_TOKENS:-131072}'],
          'https://h/mcp?token_type=bearer-token',
        ],
        env: { MAX_TOKENS: '131072', API_KEY_FILE: '/run/secrets/key', SECRET_NAME: 'the-name' },
        headers: { 'X-Token-Limit': '131072' },
      },
      [],
    ],
    [
      'in passwords of digits, and in tokens whatever stands before the word',
      {
        command: 'x',
        args: ['--password', '12345678', '--cookies=sid=abc-def'],
        env: { NGROK_AUTHTOKEN: 'sk-0001', ADMIN_TOKEN: 'sk-0002', API_TOKENS: 'sk-0003' },
      },
      ['sk-0001', 'sk-0002', 'sk-0003', '12345678', 'sid=abc-def'],
    ],
    ['not where a variable stands for them', { command: 'x', env: { TOKEN: '${TOKEN}' } }, []],
  ];
  for (const [where, entry, expected] of cases) {
    it(`are found ${where}`, () => {
      const definition = parseServersFile(JSON.stringify({ servers: { a: entry } }), 'f').servers.get('a');
      assert.ok(definition);
      assert.deepEqual(
        literalSecrets(definition).map(({ value }) => value),
        expected,
      );
    });
  }

  it('are reported with their place', () => {
    const entry = { command: 'x', env: { API_KEY: 'abc-def' } };
    const definition = parseServersFile(JSON.stringify({ servers: { a: entry } }), 'f').servers.get('a');
    assert.ok(definition);
    assert.deepEqual(literalSecrets(definition), [{ place: 'env.API_KEY', value: 'abc-def' }]);
  });

  it('keep their place in longer definitions', () => {
    const tools = [{ name: 'find', headers: { Cookie: 'abc-def' } }];
    const servers = {
      a: { type: 'rest', baseUrl: 'https://h', tools },
      b: { command: 'x', args: ['-v', '--token', 'abc-def'] },
    };
    const places = [...parseServersFile(JSON.stringify({ servers }), 'f').servers.values()].map(
      (definition) => literalSecrets(definition).map(({ place }) => place),
    );
    assert.deepEqual(places, [['tools.find.headers.Cookie'], ['args.2']]);
  });
});
