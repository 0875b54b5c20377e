import assert from 'node:assert/strict';
import { readFile, stat } from 'node:fs/promises';
import path from 'node:path';
import { startTestGateway } from '../support/gateway';

describe('the admin token', () => {
  it('is made at the first start, readable by its owner alone, and kept', async () => {
    const gateway = await startTestGateway({ servers: {} });
    try {
      const file = path.join(gateway.folder, 'state/admin-token');
      assert.match(await readFile(file, 'utf8'), /^[A-Za-z0-9_-]{43}\n$/);
      if (process.platform !== 'win32') assert.equal((await stat(file)).mode & 0o777, 0o600);
    } finally {
      await gateway.stop();
    }
  });

  it('may come from the environment, but may not be the token of every client', async () => {
    const token = 'one-and-the-same-token';
    await assert.rejects(
      startTestGateway({
        servers: {},
        env: { MCP_GATEWAY_AUTH_TOKEN: token, MCP_GATEWAY_ADMIN_TOKEN: token },
      }),
      /The admin token and the client token are the same\.\nNext: Choose another MCP_GATEWAY_ADMIN_TOKEN/,
    );
  });
});
