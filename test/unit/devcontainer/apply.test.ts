import { step } from '../../../src/platform/next-step';
import assert from 'node:assert/strict';
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { mock } from 'node:test';
import { JournaledChange, recover } from '../../../src/devcontainer/apply';
import { readState } from '../../../src/devcontainer/file-states';
import { journalPath } from '../../../src/devcontainer/journal';
import type { FileEdit } from '../../../src/devcontainer/edits';
import { processIdentity } from '../../../src/platform/process-identity';
import { lateReader } from '../../support/late-reader';
import { startUnreaped } from '../../support/zombie';
import { skipBecause } from '../../support/skip';

const add = { operation: 'add', config: '/w/devcontainer.json' };

describe('a change of several files', () => {
  let folder: string;
  let state: string;
  beforeEach(async () => {
    folder = await mkdtemp(path.join(os.tmpdir(), 'change-'));
    state = path.join(folder, 'state');
  });
  afterEach(async () => {
    mock.restoreAll();
    await rm(folder, { recursive: true, force: true });
  });

  const at = (name: string): string => path.join(folder, name);
  const text = async (name: string): Promise<string | undefined> =>
    (await readState(at(name)))?.bytes.toString();
  /** The edit that brings a file from what it is now to a text. */
  async function editOf(name: string, after: string): Promise<FileEdit> {
    const before = await readState(at(name));
    const state = { bytes: Buffer.from(after), mode: undefined };
    return { path: at(name), before, after: state, stage: 'wiring', secret: false };
  }
  async function leaveJournal(owner: { pid: number; identity: string }): Promise<string> {
    const before = { base64: Buffer.from('old').toString('base64'), mode: null };
    const after = { base64: Buffer.from('new').toString('base64'), mode: null };
    const steps = [{ path: at('a'), before, after }];
    const journal = { version: 2, owner: { ...owner, id: 'x' }, ...add, steps, newFolders: [] };
    await writeFile(at('a'), 'new');
    await mkdir(path.dirname(journalPath(state)), { recursive: true });
    await writeFile(journalPath(state), JSON.stringify(journal));
    return await readFile(journalPath(state), 'utf8');
  }

  it('is a conflict, and writes nothing, when a file is no longer as the plan saw it', async () => {
    const late = [await editOf('a', 'new'), await editOf('b', 'new')];
    const first = await JournaledChange.begin(state, add, [await editOf('a', 'new')]);
    await first.apply([await editOf('a', 'new')]);
    await first.commit();
    await assert.rejects(JournaledChange.begin(state, add, late), {
      code: 'conflict',
      message: /\/a was changed/,
    });
    assert.deepEqual([await text('a'), await text('b')], ['new', undefined]);
    assert.equal(await recover(state), undefined, 'no journal is left');
  });

  it('takes back only what it did itself', async () => {
    const edits = [await editOf('a', 'new'), await editOf('b', 'new')];
    const change = await JournaledChange.begin(state, add, edits);
    await change.apply(edits.slice(0, 1));
    await writeFile(at('b'), 'new');
    await assert.rejects(change.apply(edits.slice(1)), { code: 'conflict' });
    assert.deepEqual(await change.revert(), []);
    assert.deepEqual([await text('a'), await text('b')], [undefined, 'new']);
  });

  it('names the files that it could not take back', async () => {
    const edits = [await editOf('a', 'new')];
    const change = await JournaledChange.begin(state, add, edits);
    await change.apply(edits);
    await writeFile(at('a'), 'mine');
    assert.deepEqual(await change.revert(), [at('a')]);
    assert.equal(await text('a'), 'mine');
  });

  it('leaves the .gitignore beside a file that it could not take back', async () => {
    const edits = [
      await editOf('.gitignore', 'token'),
      await editOf('token', 'ours'),
      await editOf('c', 'new'),
    ];
    const change = await JournaledChange.begin(state, add, edits);
    await change.apply(edits);
    await writeFile(at('token'), 'mine');
    assert.deepEqual(await change.revert(), [at('token')]);
    assert.deepEqual(
      [await text('.gitignore'), await text('token'), await text('c')],
      ['token', 'mine', undefined],
    );
  });

  it('is left alone by other commands of the same process while it is under way', async () => {
    const edits = [await editOf('a', 'new')];
    const change = await JournaledChange.begin(state, add, edits);
    await change.apply(edits);
    await assert.rejects(recover(state), { code: 'conflict', message: /in this process/ });
    await assert.rejects(JournaledChange.begin(state, add, [await editOf('b', 'new')]), { code: 'conflict' });
    await change.commit();
    assert.equal(await text('a'), 'new');
    assert.equal(await recover(state), undefined);
  });

  it('is left alone by other processes while its own runs', async () => {
    const identity = (await processIdentity(process.ppid)) ?? '';
    const journal = await leaveJournal({ pid: process.ppid, identity });
    await assert.rejects(JournaledChange.begin(state, add, [await editOf('b', 'new')]), {
      code: 'conflict',
      message: new RegExp(`process ${process.ppid}`),
    });
    await assert.rejects(recover(state), { code: 'conflict' });
    assert.equal(await readFile(journalPath(state), 'utf8'), journal);
    assert.equal(await text('a'), 'new');
  });

  it('is taken back when another process has got the id of the one that ended', async () => {
    await leaveJournal({ pid: process.ppid, identity: 'an earlier one' });
    assert.deepEqual(await recover(state), { ...add, left: [] });
    assert.equal(await text('a'), 'old');
    assert.equal(await recover(state), undefined);
  });

  it('is taken back when the process that made it has ended and its parent did not notice', async function () {
    if (process.platform === 'win32') skipBecause(this, 'Windows has no zombies');
    const child = await startUnreaped();
    try {
      await leaveJournal({ pid: child.pid, identity: (await processIdentity(child.pid)) ?? '' });
      await assert.rejects(recover(state), { code: 'conflict' });
      await child.end();
      assert.deepEqual(await recover(state), { ...add, left: [] });
    } finally {
      await child.dispose();
    }
  });

  it('is taken back by the next command of a process that could not take it back itself', async () => {
    const edits = [await editOf('a', 'new')];
    const change = await JournaledChange.begin(state, add, edits);
    await change.apply(edits);
    await rm(at('a'));
    await mkdir(at('a'));
    await assert.rejects(change.revert(), { code: 'invalid-file', message: /\/a is a folder/ });
    await rm(at('a'), { recursive: true });
    await writeFile(at('a'), 'new');
    assert.deepEqual(await recover(state), { ...add, left: [] });
    assert.equal(await text('a'), undefined);
  });

  it('is taken back by one alone of those that find it interrupted', async () => {
    await leaveJournal({ pid: process.ppid, identity: 'an earlier one' });
    const found = await Promise.allSettled([recover(state), recover(state), recover(state)]);
    const did = found.flatMap((one) => (one.status === 'fulfilled' && one.value ? [one.value] : []));
    assert.deepEqual(did, [{ ...add, left: [] }]);
    for (const one of found)
      if (one.status === 'rejected') assert.match(String(one.reason), /Another add is changing/);
    assert.equal(await text('a'), 'old');
  });

  it('is not taken for the interrupted one that somebody read before it began', async () => {
    await leaveJournal({ pid: process.ppid, identity: 'an earlier one' });
    const reader = lateReader(journalPath(state));
    const late = recover(state);
    await reader.hasRead;
    assert.deepEqual(await recover(state), { ...add, left: [] });
    const edits = [await editOf('b', 'new')];
    const change = await JournaledChange.begin(state, add, edits);
    await change.apply(edits);
    reader.release();
    await assert.rejects(late, { code: 'conflict' });
    assert.equal(await text('b'), 'new');
    await change.commit();
    assert.deepEqual(await readdir(path.dirname(journalPath(state))), []);
  });

  it('is taken back also when those who were about to do so have been killed', async () => {
    await leaveJournal({ pid: process.ppid, identity: 'an earlier one' });
    const killed = (id: string) => JSON.stringify({ owner: { pid: process.ppid, identity: 'gone', id } });
    await writeFile(`${journalPath(state)}.x.claim`, killed('y'));
    await writeFile(`${journalPath(state)}.y.claim`, killed('z'));
    assert.deepEqual(await recover(state), { ...add, left: [] });
    assert.deepEqual(await readdir(path.dirname(journalPath(state))), []);
  });

  it('is left to the living process that is about to take it back', async () => {
    const journal = await leaveJournal({ pid: process.ppid, identity: 'an earlier one' });
    const owner = { pid: process.ppid, identity: (await processIdentity(process.ppid)) ?? '', id: 'y' };
    await writeFile(`${journalPath(state)}.x.claim`, JSON.stringify({ owner }));
    await assert.rejects(recover(state), { code: 'conflict' });
    assert.equal(await readFile(journalPath(state), 'utf8'), journal);
  });

  it('whose journal cannot be read says which file that is and what to do', async () => {
    await leaveJournal({ pid: 1, identity: '' });
    await writeFile(journalPath(state), '{"version":');
    await assert.rejects(recover(state), {
      code: 'invalid-file',
      message: /journal\.json/,
      next: step('Check the files beside devcontainer.json, delete the journal and run the command again.'),
    });
  });
});
