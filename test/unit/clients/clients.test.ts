import assert from 'node:assert/strict';
import { clients, selectClients } from '../../../src/clients/clients';
import { addEntry, removeEntry } from '../../../src/clients/edit';

describe("the clients' files", () => {
  const golden: Record<string, string> = {
    claude:
      '{"mcpServers":{"gateway":{"type":"http","url":"${MCP_GATEWAY_URL:-http://127.0.0.1:8811/mcp}","headers":{"Authorization":"Bearer ${MCP_GATEWAY_AUTH_TOKEN}"}}}}',
    gemini:
      '{"mcpServers":{"gateway":{"httpUrl":"${MCP_GATEWAY_URL:-http://127.0.0.1:8811/mcp}","headers":{"Authorization":"Bearer ${MCP_GATEWAY_AUTH_TOKEN}"}}}}',
    opencode:
      '{"mcp":{"gateway":{"type":"remote","url":"{env:MCP_GATEWAY_URL}","enabled":true,"headers":{"Authorization":"Bearer {env:MCP_GATEWAY_AUTH_TOKEN}"}}}}',
  };
  for (const client of clients) {
    it(`of ${client.label} get the entry that it reads`, () => {
      const { text } = addEntry(client, undefined, client.file);
      assert.equal(JSON.stringify(JSON.parse(text)), golden[client.id]);
      assert.equal(removeEntry(client, { bom: '', text }, client.file), undefined);
    });

    it(`of ${client.label} keep everything else`, () => {
      const source = {
        bom: '\uFEFF',
        text: `{\r\n\t// mine\r\n\t"${client.path[0] ?? ''}": {"a": {}, }, // c\r\n\t"z": 1\r\n}`,
      };
      const added = addEntry(client, source, client.file);
      assert.ok(added.text.includes('gateway'));
      assert.deepEqual(addEntry(client, added, client.file), added);
      assert.deepEqual(removeEntry(client, added, client.file), source);
    });
  }

  it('always include .mcp.json, and an unknown client names the known ones', () => {
    assert.deepEqual(
      selectClients([]).map((client) => client.id),
      ['claude'],
    );
    assert.deepEqual(
      selectClients(['opencode', 'gemini']).map((client) => client.id),
      ['claude', 'gemini', 'opencode'],
    );
    assert.throws(() => selectClients(['emacs']), { code: 'usage', message: /emacs/ });
  });

  it('keep what the user changed in our entry while it reaches the gateway', () => {
    const client = clients[0] ?? assert.fail();
    const entry = (url: string): { bom: string; text: string } => ({
      bom: '',
      text: `{"mcpServers":{"gateway":{"type":"http","url":"${url}","timeout":5,"headers":{"X-Team":"a","Authorization":"Bearer \${MCP_GATEWAY_AUTH_TOKEN}"}}}}`,
    });
    const changed = entry('http://127.0.0.1:9000/servers/files/mcp');
    assert.deepEqual(addEntry(client, changed, '.mcp.json'), changed);
    const faulty = addEntry(client, entry('${OTHER_URL}'), '.mcp.json');
    assert.match(faulty.text, /MCP_GATEWAY_URL/);
  });

  it('are left alone where an entry of that name is not ours', () => {
    const client = clients[0] ?? assert.fail();
    const source = { bom: '', text: '{"mcpServers":{"gateway":{"command":"x"}}}' };
    assert.throws(() => addEntry(client, source, '.mcp.json'), { code: 'conflict' });
    assert.deepEqual(removeEntry(client, source, '.mcp.json'), source);
    const table = { bom: '', text: '{\n"mcpServers": []}' };
    assert.throws(() => addEntry(client, table, '.mcp.json'), {
      message: /\.mcp\.json:2: "mcpServers" is not an object/,
    });
  });
});
