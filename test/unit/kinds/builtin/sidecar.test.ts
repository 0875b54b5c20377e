import assert from 'node:assert/strict';
import { builtinSidecar } from '../../../../src/kinds/builtin/sidecar';

describe('the Dockerfile of the sidecar', () => {
  it('gives each copied file to the gateway’s user, who reads it whatever the umask of its writer', () => {
    const file = builtinSidecar(Buffer.from('')).files.find(({ name }) => name === 'Dockerfile');
    const copies = String(file?.content)
      .split('\n')
      .filter((line) => line.startsWith('COPY '));
    assert.ok(copies.some((line) => line.includes('gateway.cjs')));
    for (const line of copies) assert.match(line, /^COPY --chown=\$\{GATEWAY_UID\}:\$\{GATEWAY_GID\} /);
  });
});
