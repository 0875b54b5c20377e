import assert from 'node:assert/strict';
import { mkdir, mkdtemp, realpath, rm, symlink, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { committedTexts, trackedFiles } from '../../../src/platform/git';
import { run } from '../../../src/platform/run';

describe('what Git has', () => {
  let folder: string;

  beforeEach(async () => {
    folder = await realpath(await mkdtemp(path.join(os.tmpdir(), 'mcpt-git-')));
    await mkdir(path.join(folder, 'a'));
    await writeFile(path.join(folder, 'a/real.env'), 'TOKEN=of-the-author\n');
    await writeFile(path.join(folder, 'outside'), 'not in Git\n');
    await symlink('real.env', path.join(folder, 'a/token.env'));
    await symlink('../outside', path.join(folder, 'a/.env'));
    for (const args of [
      ['init', '-q'],
      ['add', '-f', 'a'],
    ])
      assert.equal((await run('git', args, { cwd: folder })).code, 0);
  });
  afterEach(async () => await rm(folder, { recursive: true }));

  it('is the file behind a link, for a text', async () => {
    for (const name of ['a/token.env', 'a/real.env'])
      assert.deepEqual(await committedTexts(path.join(folder, name)), ['TOKEN=of-the-author\n']);
    assert.deepEqual(await committedTexts(path.join(folder, 'outside')), []);
    assert.deepEqual(await committedTexts(path.join(folder, 'none')), []);
  });

  it('is no link, for the list of files', async () => {
    assert.deepEqual(await trackedFiles(folder), [path.join(folder, 'a/real.env')]);
    assert.deepEqual(await trackedFiles(path.join(folder, 'a')), [path.join(folder, 'a/real.env')]);
  });

  it('is of this folder, whatever repository a hook names', async () => {
    const env = { ...process.env, GIT_DIR: '/nowhere', GIT_INDEX_FILE: '/nowhere/index' };
    assert.deepEqual(await trackedFiles(folder, env), [path.join(folder, 'a/real.env')]);
  });
});
