import assert from 'node:assert/strict';
import { cp, mkdir, mkdtemp, realpath, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { locateWorkspace } from '../../../../src/builtin/assembly/workspace';

describe('the workspace of a sidecar', () => {
  const marker = '.devcontainer/mcp-gateway';
  let root: string;
  beforeEach(async () => {
    root = await realpath(await mkdtemp(path.join(os.tmpdir(), 'workspaces-')));
    await mkdir(path.join(root, 'one.two', marker), { recursive: true });
    await mkdir(path.join(root, 'empty'));
  });
  afterEach(async () => await rm(root, { recursive: true, force: true }));

  it('is the folder that has the very folder that is mounted', async () => {
    await cp(path.join(root, 'one.two'), path.join(root, 'clone'), { recursive: true });
    const known = path.join(root, 'clone', marker);
    assert.equal(await locateWorkspace(path.join(root, '*'), marker, known), path.join(root, 'clone'));
  });

  it('is the only one that has a marker, where identities do not survive the mount', async () => {
    const other = path.join(root, 'empty');
    assert.equal(await locateWorkspace(`${root}/*`, marker, other), path.join(root, 'one.two'));
    assert.equal(await locateWorkspace(`${root}/one.*`, marker, other), path.join(root, 'one.two'));
    assert.equal(await locateWorkspace(`${root}/oneX*`, marker, other), undefined);
  });

  it('is not guessed between several', async () => {
    await cp(path.join(root, 'one.two'), path.join(root, 'clone'), { recursive: true });
    assert.equal(await locateWorkspace(`${root}/*`, marker, path.join(root, 'empty')), undefined);
    assert.equal(await locateWorkspace(`${root}/missing/*`, marker, root), undefined);
  });
});
