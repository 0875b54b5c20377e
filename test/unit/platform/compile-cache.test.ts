import assert from 'node:assert/strict';
import { chmod, mkdir, mkdtemp, rm, stat, symlink, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { cacheRoot, ownFolder } from '../../../src/platform/compile-cache';

describe('the folder of compiled code', () => {
  let base: string;
  beforeEach(async () => {
    base = await mkdtemp(path.join(os.tmpdir(), 'compiled-'));
  });
  afterEach(async () => await rm(base, { recursive: true, force: true }));

  it('is made for its user alone', async () => {
    const folder = path.join(base, 'a/b');
    assert.equal(ownFolder(folder), folder);
    assert.equal((await stat(folder)).mode & 0o777, 0o700);
    assert.equal(ownFolder(folder), folder);
  });

  it('is not used where others may write to it', async () => {
    const folder = path.join(base, 'open');
    await mkdir(folder);
    await chmod(folder, 0o777);
    assert.equal(ownFolder(folder), undefined);
  });

  it('is not used where it is a link or a file', async () => {
    await symlink(base, path.join(base, 'link'));
    await writeFile(path.join(base, 'file'), '');
    for (const name of ['link', 'file', 'file/below'])
      assert.equal(ownFolder(path.join(base, name)), undefined);
  });

  it('is where the platform keeps what can be made again', () => {
    assert.equal(cacheRoot({ XDG_CACHE_HOME: '/x' }, 'linux', '/home/u'), '/x/devcontainer-gateway');
    assert.equal(cacheRoot({}, 'linux', '/home/u'), '/home/u/.cache/devcontainer-gateway');
    assert.equal(cacheRoot({}, 'darwin', '/Users/u'), '/Users/u/Library/Caches/devcontainer-gateway');
    assert.equal(
      cacheRoot({ LOCALAPPDATA: 'C:\\L' }, 'win32', 'C:\\u'),
      'C:\\L\\devcontainer-gateway\\cache',
    );
  });
});
