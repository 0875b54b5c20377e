import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm, stat } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { ensureTokenEnv, tokenEnvFile } from '../../../../src/gateway/resolve/token-env';

describe('the token file of a wiring', () => {
  let folder: string;
  beforeEach(async () => (folder = await mkdtemp(path.join(os.tmpdir(), 'token-'))));
  afterEach(async () => rm(folder, { recursive: true }));
  const none = async (): Promise<undefined> => undefined;

  it('is made with a new token that only its owner can read', async () => {
    const { token, written } = await ensureTokenEnv({ workspace: folder, configDir: folder }, none);
    assert.equal(written, true);
    assert.match(token, /^[\w-]{43}$/);
    const file = tokenEnvFile(folder);
    assert.equal(await readFile(file, 'utf8'), `MCP_GATEWAY_AUTH_TOKEN=${token}\n`);
    assert.equal((await stat(file)).mode & 0o777, 0o600);
  });

  it('takes the token that a running gateway published, so that its clients go on', async () => {
    const { token } = await ensureTokenEnv(
      { workspace: folder, configDir: folder },
      async () => 'published-by-the-gateway\n',
    );
    assert.equal(token, 'published-by-the-gateway');
  });

  it('is left alone when it is there', async () => {
    const first = await ensureTokenEnv({ workspace: folder, configDir: folder }, none);
    const second = await ensureTokenEnv(
      { workspace: folder, configDir: folder },
      async () => 'another-token-of-someone',
    );
    assert.deepEqual(second, { token: first.token, written: false });
  });
});
