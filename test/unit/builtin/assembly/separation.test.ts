import assert from 'node:assert/strict';
import { parseInvocation } from '../../../../src/builtin/assembly/options';
import { missingCapabilities } from '../../../../src/builtin/assembly/separation';

describe('the capabilities that a gateway needs for other users', () => {
  it('are complete with those of the sidecar, and with all', () => {
    assert.deepEqual(missingCapabilities('Name:\tnode\nCapEff:\t00000000000000e3\n'), []);
    assert.deepEqual(missingCapabilities('CapEff:\t000001ffffffffff\n'), []);
  });

  it('are named when they are missing, all of them where the system tells nothing', () => {
    assert.deepEqual(missingCapabilities('CapPrm:\t00000000000000e3\nCapEff:\t0000000000000063\n'), [
      'SETUID',
    ]);
    const all = ['CHOWN', 'DAC_OVERRIDE', 'KILL', 'SETGID', 'SETUID'];
    assert.deepEqual(missingCapabilities('CapEff:\t0000000000000000\n'), all);
    assert.deepEqual(missingCapabilities(''), all);
  });
});

describe('the option --server-user', () => {
  const serverUser = (...args: string[]): unknown => {
    const invocation = parseInvocation(args, {});
    return invocation.mode === 'serve' ? invocation.options.serverUser : undefined;
  };

  it('is a user and a group by number', () => {
    assert.deepEqual(serverUser('--server-user', '1000:1001'), { uid: 1000, gid: 1001 });
    assert.equal(serverUser(), undefined);
  });

  for (const bad of ['', '1000', 'node:node', '-1:0', '1000:', '1e3:1'])
    it(`refuses "${bad}"`, () => {
      assert.throws(() => serverUser(`--server-user=${bad}`), { code: 'usage' });
    });

  it('leaves servers that the variable names to the owner of the workspace', () => {
    const invocation = parseInvocation([], { MCP_GATEWAY_WORKSPACE_SERVERS: 'one, two,' });
    assert.ok(invocation.mode === 'serve');
    assert.deepEqual(invocation.options.workspaceServers, ['one', 'two']);
  });
});
