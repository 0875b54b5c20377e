import assert from 'node:assert/strict';
import { partOf } from '../../../src/gateway/kind';
import { detectKind, kinds, openDriver, sidecarKind } from '../../../src/kinds/registry';
import { gatewayKinds } from '../../../src/servers/gateway-settings';

const target = (kind: 'docker' | 'contextforge' | 'stdio') => ({
  kind,
  url: new URL('http://127.0.0.1:1/mcp'),
  tokens: [],
  source: 'the test',
});

describe('the registry of gateway kinds', () => {
  it('has one row for each kind that servers.json may name, under its own id', () => {
    for (const id of gatewayKinds) assert.equal(kinds[id].id, id);
  });

  it('recognises the built-in gateway by its status page, and takes everything else for an MCP endpoint', () => {
    const body = JSON.stringify({ gateway: { kind: 'builtin' }, servers: [] });
    assert.equal(detectKind({ status: 200, body }).id, 'builtin');
    assert.equal(detectKind({ status: 404, body }).id, 'http');
    assert.equal(detectKind({ status: 200, body: '<html>' }).id, 'http');
  });

  it('refuses to put a kind beside a dev container that this version cannot, and names those that it can', () => {
    assert.equal(sidecarKind('builtin').id, 'builtin');
    for (const id of ['docker', 'contextforge', 'nonsense'])
      assert.throws(() => sidecarKind(id), { code: 'refused', next: { text: 'Use builtin.' } });
  });

  it('says of a kind that is not there yet so, without asking anything at its address', async () => {
    for (const kind of ['docker', 'contextforge', 'stdio'] as const)
      await assert.rejects(openDriver(target(kind)), { code: 'refused', message: new RegExp(`"${kind}"`) });
  });
});

describe('a part that a kind does not have', () => {
  it('is refused by the name of the kind', () => {
    assert.equal(partOf(kinds.builtin, 'admin'), kinds.builtin.admin);
    assert.throws(() => partOf(kinds.http, 'admin'), {
      code: 'refused',
      message: /"http" \(Remote MCP endpoint\)/,
    });
  });
});
