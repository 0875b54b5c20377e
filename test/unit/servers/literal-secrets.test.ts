import assert from 'node:assert/strict';
import { literalSecrets } from '../../../src/servers/literal-secrets';
import { parseServersFile } from '../../../src/servers/parse';

describe('secrets that stand in a definition', () => {
  const cases: [string, object, string[]][] = [
    ['in a variable whose name says so', { command: 'x', env: { API_KEY: 'abc', LOG: 'info' } }, ['abc']],
    [
      'in a header, without its scheme',
      { url: 'https://h/mcp', headers: { Authorization: 'Bearer abc' } },
      ['abc'],
    ],
    ['in a URL', { url: 'https://u:p%40ss@h/mcp?apikey=k&page=1' }, ['p@ss', 'k']],
    ['in a URL that is not quite escaped', { url: 'https://u:100%p%40ss@h/' }, ['100%p@ss']],
    [
      'in what a REST API is authorised with',
      { type: 'rest', baseUrl: 'https://h', auth: { type: 'bearer', token: 'abc' }, tools: [] },
      ['abc'],
    ],
    [
      'not in the words that say how it is sent',
      {
        type: 'rest',
        baseUrl: 'https://h',
        auth: { type: 'apiKey', name: 'X-Api-Key', value: 'abc', in: 'header' },
        tools: [],
      },
      ['abc'],
    ],
    [
      'in arguments whose names say so',
      {
        command: 'npx',
        args: [
          ...['-y', 'x@1', '--api-key=sk-1', '--token', 'sk-2', '-e', 'DB_PASSWORD=sk-3'],
          ...['--header', 'Authorization: Bearer sk-4', 'https://h/sse?api_key=sk-5'],
        ],
      },
      ['sk-1', 'sk-2', 'sk-3', 'sk-4', 'sk-5'],
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
        args: ['--url', '${URL:-http://h}', '${API_KEY:-sk-1}'],
        env: { TOKEN: '${A:-sk-2}', LOG: '${LOG:-info}' },
      },
      ['sk-2', 'sk-1'],
    ],
    [
      'in the address, headers and parameters of a REST API',
      {
        type: 'rest',
        baseUrl: 'https://u:sk-1@h/',
        headers: { 'X-Api-Key': 'sk-2' },
        tools: [
          {
            name: 't',
            headers: { Authorization: 'Bearer sk-3', 'X-Token': '{{args.token}}' },
            params: { key: 'sk-4', page: 1 },
          },
        ],
      },
      ['sk-2', 'sk-1', 'sk-3', 'sk-4'],
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

  it('are told with their place', () => {
    const entry = { command: 'x', env: { API_KEY: 'abc' } };
    const definition = parseServersFile(JSON.stringify({ servers: { a: entry } }), 'f').servers.get('a');
    assert.ok(definition);
    assert.deepEqual(literalSecrets(definition), [{ place: 'env.API_KEY', value: 'abc' }]);
  });

  it('keep their place in longer definitions', () => {
    const tools = [{ name: 'find', headers: { Cookie: 'abc' } }];
    const servers = {
      a: { type: 'rest', baseUrl: 'https://h', tools },
      b: { command: 'x', args: ['-v', '--token', 'abc'] },
    };
    const places = [...parseServersFile(JSON.stringify({ servers }), 'f').servers.values()].map(
      (definition) => literalSecrets(definition).map(({ place }) => place),
    );
    assert.deepEqual(places, [['tools.find.headers.Cookie'], ['args.2']]);
  });
});
