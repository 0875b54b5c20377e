import assert from 'node:assert/strict';
import fs, { access, mkdtemp, readdir, rm } from 'node:fs/promises';
import { syncBuiltinESMExports } from 'node:module';
import os from 'node:os';
import path from 'node:path';
import { mock } from 'node:test';
import { whileLocked } from '../../../src/gateway/start-lock';

const { signal } = new AbortController();

describe('a lock file', () => {
  let folder: string;
  let file: string;
  beforeEach(async () => {
    folder = await mkdtemp(path.join(os.tmpdir(), 'lock-'));
    file = path.join(folder, 'start.lock');
  });
  afterEach(async () => {
    mock.restoreAll();
    syncBuiltinESMExports();
    await rm(folder, { recursive: true, force: true });
  });

  for (const code of ['EPERM', 'ENOTSUP', 'EISDIR', 'EACCES'])
    it(`lets one in at a time where links fail with ${code}`, async () => {
      // As on FAT, some network drives and in some sandboxes.
      mock.method(fs, 'link', async () => await Promise.reject(Object.assign(new Error(code), { code })));
      syncBuiltinESMExports();
      const inside: string[] = [];
      const work = async (name: string): Promise<void> => {
        inside.push(`${name} in`);
        await access(file);
        inside.push(`${name} out`);
      };
      await Promise.all([
        whileLocked(file, signal, async () => await work('a')),
        whileLocked(file, signal, async () => await work('b')),
      ]);
      assert.match(inside.join(), /^(a in,a out,b in,b out|b in,b out,a in,a out)$/);
      assert.deepEqual(await readdir(folder), []);
    });
});
