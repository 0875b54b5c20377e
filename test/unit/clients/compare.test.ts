import assert from 'node:assert/strict';
import { clients } from '../../../src/clients/clients';
import { compareClient, type ClientEntry } from '../../../src/clients/compare';
import { addEntry } from '../../../src/clients/edit';

const [claude] = clients;
const url = '${MCP_GATEWAY_URL:-http://127.0.0.1:8811/mcp}';
const headers = { Authorization: 'Bearer ${MCP_GATEWAY_AUTH_TOKEN}' };

function compare(text: string | undefined): ClientEntry {
  assert.ok(claude);
  return compareClient(claude, text, '.mcp.json', true);
}

function faultsOf(entry: unknown): readonly string[] {
  return compare(JSON.stringify({ mcpServers: { gateway: entry } })).faults;
}

describe("a client's entry compared with what it ought to be", () => {
  for (const client of clients)
    it(`is faultless as wiring writes it: ${client.id}`, () => {
      const { text } = addEntry(client, undefined, client.file);
      const { found, faults } = compareClient(client, text, client.file, false);
      assert.deepEqual([found, faults], ['entry', []]);
    });

  it('may be missing, with or without its file', () => {
    assert.equal(compare(undefined).found, 'no-file');
    assert.equal(compare('').found, 'no-entry');
    assert.equal(compare('{"mcpServers":{"other":{}}}').found, 'no-entry');
  });

  it('cannot be read in a broken file, and the place is told', () => {
    const { found, faults } = compare('{\n  oops');
    assert.equal(found, 'unreadable');
    assert.match(faults.join(), /\.mcp\.json:2:/);
  });

  const cases: readonly { what: string; entry: object; fault: RegExp }[] = [
    { what: 'a missing type', entry: { url, headers }, fault: /"type" is missing; it is "http"/ },
    {
      what: 'another type',
      entry: { type: 'sse', url, headers },
      fault: /"type" is "sse" instead of "http"/,
    },
    { what: 'a missing address', entry: { type: 'http', headers }, fault: /"url" is missing/ },
    {
      what: 'a misspelt variable of the address',
      entry: { type: 'http', url: '${MCP_GATWAY_URL}', headers },
      fault: /names the variable MCP_GATWAY_URL instead of MCP_GATEWAY_URL/,
    },
    {
      what: 'a misspelt variable of the token',
      entry: { type: 'http', url, headers: { Authorization: 'Bearer ${MCP_GATEWAY_TOKEN}' } },
      fault: /MCP_GATEWAY_TOKEN instead of MCP_GATEWAY_AUTH_TOKEN/,
    },
    {
      what: 'a missing scheme',
      entry: { type: 'http', url, headers: { Authorization: '${MCP_GATEWAY_AUTH_TOKEN}' } },
      fault: /does not start with "Bearer "/,
    },
    { what: 'missing headers', entry: { type: 'http', url }, fault: /"Authorization" is missing/ },
  ];
  for (const { what, entry, fault } of cases)
    it(`tells ${what}`, () => {
      const faults = faultsOf(entry);
      assert.equal(faults.length, 1, faults.join());
      assert.match(faults.join(), fault);
    });

  it('does not show a token that stands there by value', () => {
    const faults = faultsOf({ type: 'http', url, headers: { Authorization: 'Bearer s3cret-value' } });
    assert.match(faults.join(), /contains the token itself instead of a variable/);
    assert.ok(!faults.join().includes('s3cret'));
  });

  it('may have an address written out', () => {
    assert.deepEqual(faultsOf({ type: 'http', url: 'http://127.0.0.1:9000/mcp', headers }), []);
  });
});
