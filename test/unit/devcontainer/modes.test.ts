import { builtinSidecar } from '../../../src/kinds/builtin/sidecar';
import assert from 'node:assert/strict';
import { chmod, mkdtemp, rm, stat, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { type FileOperations, fileOperations } from '../../../src/devcontainer/file-operations';
import { readState } from '../../../src/devcontainer/file-states';
import { executeAdd, prepareAdd } from '../../../src/devcontainer/wiring';
import { treeListing } from '../../support/tree-hash';
import { add, remove, type Workbench, workbenchWithoutCompose } from '../../support/wiring';

/** A file system that gives every file the same mode, as Windows' drives do under WSL. */
const operations: FileOperations = {
  ...fileOperations,
  write: async (file, bytes) => await fileOperations.write(file, bytes, 0o777),
};

describe('modes of files', () => {
  let bench: Workbench;
  beforeEach(async () => {
    bench = await workbenchWithoutCompose('node-postgres');
  });
  afterEach(async () => await bench.dispose());

  const at = (name: string): string => path.join(bench.workspace, '.devcontainer', name);
  const modeOf = async (name: string): Promise<number> => (await stat(at(name))).mode & 0o777;

  it('that the file system does not take leave nothing behind after a failed add', async () => {
    const before = await treeListing(bench.workspace);
    const choices = { clients: [], hostPort: undefined, sidecar: builtinSidecar(Buffer.from('x')) };
    const plan = await prepareAdd(bench.target, choices);
    const failing = executeAdd(plan, bench.target, {
      signal: new AbortController().signal,
      operations,
      prestart: async () => await Promise.reject(new Error('the build failed')),
    });
    await assert.rejects(failing, /the build failed/);
    assert.deepEqual(await treeListing(bench.workspace), before);
  });

  it('that the file system does not take are asked for once', async () => {
    await add(bench.target, { operations });
    assert.equal(await modeOf('mcp-gateway/token.env'), 0o777);
    assert.equal(await add(bench.target, { operations }), 0);
    await remove(bench.target, { operations });
    await assert.rejects(stat(at('mcp-gateway')), { code: 'ENOENT' });
  });

  it('of a token file that was there are narrowed', async () => {
    await add(bench.target);
    await rm(path.join(bench.folder, 'state'), { recursive: true });
    await chmod(at('mcp-gateway/token.env'), 0o644);
    assert.equal(await add(bench.target), 1);
    assert.equal(await modeOf('mcp-gateway/token.env'), 0o600);
  });

  it('that the user changed since stay when the wiring is taken back', async () => {
    await chmod(at('devcontainer.json'), 0o640);
    await add(bench.target);
    await chmod(at('devcontainer.json'), 0o600);
    await add(bench.target, { hostPort: 9123, program: Buffer.from('newer') });
    await remove(bench.target);
    assert.equal(await modeOf('devcontainer.json'), 0o600);
  });

  it('are not looked at on Windows', async () => {
    const folder = await mkdtemp(path.join(os.tmpdir(), 'modes-'));
    await writeFile(path.join(folder, 'a'), 'a');
    assert.equal((await readState(path.join(folder, 'a'), 'win32'))?.mode, undefined);
    assert.equal(typeof (await readState(path.join(folder, 'a'), 'linux'))?.mode, 'number');
    await rm(folder, { recursive: true });
  });
});
