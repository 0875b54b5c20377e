import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { lockState, tryLockState } from '../../../../src/builtin/state/owner-lock';

describe('the owner of a state folder', () => {
  let folder: string;

  beforeEach(async () => (folder = await mkdtemp(path.join(os.tmpdir(), 'mcpt-owner-'))));
  afterEach(async () => await rm(folder, { recursive: true, force: true }));

  const isRefused = async (): Promise<void> =>
    await assert.rejects(lockState(folder), {
      code: 'conflict',
      message: new RegExp(`is in use by another gateway: process ${process.pid}, which started at 20`),
    });

  it('is one gateway at a time, and the next after it', async () => {
    const first = await lockState(folder);
    await isRefused();
    await isRefused();
    await first.release();
    const second = await lockState(folder);
    await isRefused();
    await second.release();
    assert.deepEqual(await readdir(folder), ['owner']);
  });

  it('is exactly one of many that start together', async () => {
    const all = await Promise.all(Array.from({ length: 12 }, async () => await tryLockState(folder)));
    const owners = all.filter((lock) => 'release' in lock);
    assert.equal(owners.length, 1);
    await owners[0]?.release();
  });

  it('loses the folder when it was killed, and one of many takes it over', async () => {
    const script = `
      const { tryLockState } = require(${JSON.stringify(path.resolve('src/builtin/state/owner-lock.ts'))});
      tryLockState(process.argv[1]).then((lock) => {
        console.log('release' in lock ? 'owner' : 'refused');
        setInterval(() => {}, 1000);
      });`;
    const child = spawn(process.execPath, ['--import', 'tsx', '-e', script, folder], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const [said] = (await once(child.stdout, 'data')) as [Buffer];
    assert.equal(said.toString().trim(), 'owner');
    await assert.rejects(lockState(folder), { message: new RegExp(`process ${child.pid},`) });
    child.kill('SIGKILL');
    await once(child, 'exit');
    const all = await Promise.all(Array.from({ length: 8 }, async () => await tryLockState(folder)));
    const owners = all.filter((lock) => 'release' in lock);
    assert.equal(owners.length, 1);
    await owners[0]?.release();
    assert.deepEqual(await readdir(folder), ['owner']);
  });

  it('is known by its process where the path is too long for a socket', async () => {
    const long = path.join(folder, 'x'.repeat(60), 'y'.repeat(60));
    await mkdir(long, { recursive: true });
    const lock = await lockState(long);
    assert.deepEqual(await readdir(long), ['owner']);
    await assert.rejects(lockState(long), { code: 'conflict' });
    await lock.release();
    await (await lockState(long)).release();
  });

  it('keeps a damaged file of an owner, and takes the folder', async () => {
    await writeFile(path.join(folder, 'owner'), '{"owner":');
    const lock = await lockState(folder);
    await lock.release();
    const [aside] = (await readdir(folder)).filter((name) => name.startsWith('owner.damaged-'));
    assert.ok(aside);
    assert.equal(await readFile(path.join(folder, aside), 'utf8'), '{"owner":');
  });
});
