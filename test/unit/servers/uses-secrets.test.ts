import assert from 'node:assert/strict';
import { parseServersFile } from '../../../src/servers/parse';
import { usesSecrets } from '../../../src/servers/uses-secrets';

const cases: readonly { definition: object; uses: boolean }[] = [
  { definition: { command: 'node' }, uses: false },
  {
    definition: { command: 'node', env: { LEVEL: 'debug', FILE: '${MCP_GATEWAY_STATE}/memory' } },
    uses: false,
  },
  { definition: { command: 'node', env: { OWN: '${GITHUB_TOKEN}' } }, uses: true },
  { definition: { command: 'node', env: { OWN: '${LEVEL:-debug}' } }, uses: true },
  { definition: { command: 'node', args: ['--key', '${KEY}'] }, uses: true },
  { definition: { command: '${PROGRAM}' }, uses: true },
  { definition: { command: 'node', cwd: '${FOLDER}' }, uses: true },
  { definition: { command: 'node', env: { API_KEY: 'a-literal-value' } }, uses: true },
  { definition: { command: 'node', args: ['--password=a-literal-value'] }, uses: true },
];

describe('whether a server has a secret', () => {
  for (const { definition, uses } of cases)
    it(`is ${uses} for ${JSON.stringify(definition)}`, () => {
      const { servers } = parseServersFile(JSON.stringify({ servers: { a: definition } }), 'file');
      assert.equal(usesSecrets(servers.get('a') ?? assert.fail()), uses);
    });
});
