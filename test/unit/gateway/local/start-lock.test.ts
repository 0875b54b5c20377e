import assert from 'node:assert/strict';
import fs, { access, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { syncBuiltinESMExports } from 'node:module';
import os from 'node:os';
import path from 'node:path';
import { mock } from 'node:test';
import { whileLocked } from '../../../../src/gateway/local/start-lock';
import { eventually } from '../../../support/eventually';
import { lateReader } from '../../../support/late-reader';

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

  it('of a process that has ended is taken over by one alone, also when another read it before', async () => {
    const dead = { pid: process.pid, identity: 'of another time', id: 'dead' };
    await writeFile(file, JSON.stringify({ owner: dead }));
    const late = lateReader(file);
    const order: string[] = [];
    const second = whileLocked(file, signal, async () => await Promise.resolve(order.push('second')));
    await late.hasRead;
    await whileLocked(file, signal, async () => {
      order.push('first in');
      const before = late.reads;
      late.release();
      // It has tried to take over when it reads again.
      await eventually(() => late.reads >= before + 2 || order.includes('second'));
      order.push('first out');
    });
    await second;
    assert.deepEqual(order, ['first in', 'first out', 'second']);
    assert.deepEqual(await readdir(folder), []);
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
