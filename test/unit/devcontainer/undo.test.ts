import assert from 'node:assert/strict';
import { mkdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { prepareRemove } from '../../../src/devcontainer/wiring';
import { treeListing } from '../../support/tree-hash';
import { add, remove, type Workbench, workbenchWithoutCompose } from '../../support/wiring';

describe('the removal of our own files', () => {
  let bench: Workbench;
  beforeEach(async () => {
    bench = await workbenchWithoutCompose('node-postgres');
  });
  afterEach(async () => await bench.dispose());

  const at = (name: string): string => path.join(bench.workspace, '.devcontainer', name);

  it('leaves a folder alone that has the same name and is not ours', async () => {
    await mkdir(at('mcp-gateway'));
    for (const name of ['Dockerfile', '.gitignore', 'token.env', 'gateway.cjs', 'servers.json', 'main.go'])
      await writeFile(at(`mcp-gateway/${name}`), 'mine\n');
    const { edits, notes } = await prepareRemove(bench.target);
    assert.deepEqual([edits, notes], [[], []]);
  });

  it('leaves a file alone that the user has put in the place of ours, and says so', async () => {
    await add(bench.target);
    await writeFile(at('mcp-gateway/Dockerfile'), 'FROM mine\n');
    const notes = await remove(bench.target);
    assert.deepEqual(notes, [
      `${at('mcp-gateway/Dockerfile')} stays: it was not written by devcontainer-gateway.`,
    ]);
    assert.equal(await readFile(at('mcp-gateway/Dockerfile'), 'utf8'), 'FROM mine\n');
    await assert.rejects(stat(at('mcp-gateway/token.env')), { code: 'ENOENT' });
  });

  it('takes token and program where the Compose file is gone and the record is not', async () => {
    const before = await treeListing(bench.workspace);
    await add(bench.target);
    for (const name of ['docker-compose.mcp-gateway.yml', 'mcp-gateway/.gitignore', 'mcp-gateway/Dockerfile'])
      await rm(at(name));
    for (const name of ['mcp-gateway/.dockerignore', 'mcp-gateway/token.env.example']) await rm(at(name));
    await remove(bench.target);
    assert.deepEqual(await treeListing(bench.workspace), before);
  });
});
