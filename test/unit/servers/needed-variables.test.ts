import assert from 'node:assert/strict';
import { neededVariables } from '../../../src/servers/needed-variables';
import { parseServersFile } from '../../../src/servers/parse';

describe('the variables that servers need', () => {
  const needed = (servers: Record<string, unknown>): [string, string[]][] => [
    ...neededVariables(parseServersFile(JSON.stringify({ servers }), 'servers.json')),
  ];

  it('are those without a default, with the servers that name them', () => {
    const servers = {
      github: {
        type: 'http',
        url: 'https://example.com',
        headers: { Authorization: 'Bearer ${GITHUB_TOKEN}' },
      },
      tool: { command: 'node', args: ['${GITHUB_TOKEN}'], env: { REGION: '${REGION:-eu}' } },
    };
    assert.deepEqual(needed(servers), [['GITHUB_TOKEN', ['github', 'tool']]]);
  });

  it('are not those of a disabled server, nor what the gateway gives by itself', () => {
    const servers = {
      off: { command: 'node', args: ['${KEY}'], enabled: false },
      memory: { command: 'node', env: { FILE: '${MCP_GATEWAY_STATE}/memory.jsonl' } },
    };
    assert.deepEqual(needed(servers), []);
  });
});
