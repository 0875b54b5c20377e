import assert from 'node:assert/strict';
import { dockerfile } from '../../../src/devcontainer/sidecar-files';

describe('the Dockerfile of the sidecar', () => {
  it('gives each copied file to the gateway’s user, who reads it whatever the umask of its writer', () => {
    const copies = dockerfile.split('\n').filter((line) => line.startsWith('COPY '));
    assert.ok(copies.some((line) => line.includes('gateway.cjs')));
    for (const line of copies) assert.match(line, /^COPY --chown=\$\{GATEWAY_UID\}:\$\{GATEWAY_GID\} /);
  });
});
