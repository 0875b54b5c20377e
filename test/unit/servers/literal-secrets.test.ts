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
});
