import assert from 'node:assert/strict';
import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { build } from 'esbuild';
import { JournaledChange } from '../../src/devcontainer/apply';
import { type FileOperations, fileOperations } from '../../src/devcontainer/file-operations';
import type { FileEdit } from '../../src/devcontainer/edits';
import { recoverWiring } from '../../src/devcontainer/wiring';
import { run } from '../../src/platform/run';
import { workspaceStateDir } from '../../src/platform/state';
import { treeListing } from '../support/tree-hash';
import { add, edit, remove, type Workbench, workbench } from '../support/wiring';

/** How a run ended: the number of its file operations, or `undefined` when it was killed. */
async function killedAt(verb: string, bench: Workbench, operation: number): Promise<number | undefined> {
  const args = [
    path.join(bench.folder, 'child.cjs'),
    verb,
    bench.workspace,
    path.join(bench.folder, 'state'),
    String(operation),
  ];
  const result = await run(process.execPath, args);
  if (result.code === 0) return Number(result.stdout);
  assert.equal(result.stderr, '', 'it ends by the signal alone');
  return undefined;
}

/** What those who took over an interrupted change have left in the state folder. */
async function claims(bench: Workbench): Promise<string[]> {
  const names = await readdir(path.join(bench.folder, 'state'), { recursive: true });
  return names.filter((name) => name.endsWith('.claim'));
}

describe('an interrupted change', () => {
  let bench: Workbench;
  before(async () => {
    bench = await workbench('existing-compose');
    await build({
      entryPoints: [path.join(__dirname, 'wiring-child.ts')],
      outfile: path.join(bench.folder, 'child.cjs'),
      bundle: true,
      platform: 'node',
      mainFields: ['module', 'main'],
      logLevel: 'error',
    });
  });
  after(async () => await bench.dispose());

  it('of add is taken back by the next command, wherever it was killed', async () => {
    const clean = await treeListing(bench.workspace);
    const operations = (await killedAt('add', bench, 0)) ?? assert.fail('it did not end');
    assert.ok(operations > 20);
    await remove(bench.target);
    for (let operation = 1; operation <= operations; operation += 1) {
      assert.equal(await killedAt('add', bench, operation), undefined);
      await recoverWiring(bench.workspace, bench.target.env);
      assert.deepEqual(await treeListing(bench.workspace), clean, `killed at operation ${operation}`);
    }
    await add(bench.target);
    await remove(bench.target);
    assert.deepEqual(await treeListing(bench.workspace), clean);
  });

  it('of remove is taken back by the next command, wherever it was killed', async () => {
    const clean = await treeListing(bench.workspace);
    await add(bench.target, { clients: ['gemini'] });
    const wired = await treeListing(bench.workspace);
    for (let operation = 1; ; operation += 1) {
      const ended = await killedAt('remove', bench, operation);
      if (ended !== undefined) break;
      await recoverWiring(bench.workspace, bench.target.env);
      assert.deepEqual(await treeListing(bench.workspace), wired, `killed at operation ${operation}`);
    }
    assert.deepEqual(await treeListing(bench.workspace), clean);
  });

  it('is taken back by the next command also when one that took it back was killed, wherever that was', async () => {
    const clean = await treeListing(bench.workspace);
    for (let operation = 1; ; operation += 1) {
      assert.equal(await killedAt('add', bench, 24), undefined);
      const ended = await killedAt('recover', bench, operation);
      if (ended !== undefined) break;
      await recoverWiring(bench.workspace, bench.target.env);
      assert.deepEqual(await treeListing(bench.workspace), clean, `killed at operation ${operation}`);
      assert.deepEqual(await claims(bench), [], `killed at operation ${operation}`);
    }
    assert.deepEqual(await treeListing(bench.workspace), clean);
  });

  it('is taken back by another process when its own could not do so and lives on', async () => {
    const { env } = bench.target;
    const file = path.join(bench.workspace, 'a');
    const after = { bytes: Buffer.from('new'), mode: undefined };
    const edits: FileEdit[] = [{ path: file, before: undefined, after, stage: 'wiring', secret: false }];
    const readOnly: FileOperations = {
      ...fileOperations,
      remove: async (name: string) =>
        await (name === file ? Promise.reject(new Error('read-only')) : fileOperations.remove(name)),
    };
    const stateDir = await workspaceStateDir(bench.workspace, env);
    const change = await JournaledChange.begin(stateDir, { operation: 'add', config: file }, edits, readOnly);
    await change.apply(edits);
    await assert.rejects(change.revert(), /read-only/);
    assert.equal(await readFile(file, 'utf8'), 'new');
    assert.notEqual(await killedAt('recover', bench, 0), undefined);
    await assert.rejects(readFile(file), { code: 'ENOENT' });
  });

  it('leaves alone what was edited since, and names it', async () => {
    assert.equal(await killedAt('add', bench, 24), undefined);
    const file = path.join(bench.workspace, '.devcontainer/mcp-gateway/servers.json');
    await edit(file, (text) => `${text}// mine\n`);
    const recovery = await recoverWiring(bench.workspace, bench.target.env);
    assert.deepEqual(recovery?.left, [file]);
    assert.equal(await recoverWiring(bench.workspace, bench.target.env), undefined);
  });
});
