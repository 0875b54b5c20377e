import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import * as vscode from 'vscode';
import { view } from '../../../src/editor/contributions';
import type { GatewayModel } from '../../../src/editor/model';
import { GatewayTree } from '../../../src/views/tree';
import { eventually, patienceMs } from '../../support/eventually';
import { answeringModel } from '../support/answering-model';

describe('the tree', () => {
  let folder: string;
  let model: GatewayModel;
  let tree: GatewayTree;
  let refreshes = 0;

  before(async () => {
    folder = await mkdtemp(path.join(os.tmpdir(), 'mcpt-ve-tree-'));
    model = await answeringModel(folder);
    tree = new GatewayTree(model);
    tree.onDidChangeTreeData(() => (refreshes += 1));
  });

  after(async () => {
    tree.dispose();
    model.dispose();
    await rm(folder, { recursive: true, force: true });
  });

  /** A change that the gateway tells about, seen by the model. */
  const change = async (): Promise<void> => {
    let changes = 0;
    const subscription = model.onChange(() => (changes += 1));
    await (await model.manager()).restartServer('everything', AbortSignal.timeout(patienceMs));
    await eventually(() => changes > 0, 'the model hearing of it');
    subscription.dispose();
  };

  it('computes nothing while nobody looks, and catches up once when somebody does', async () => {
    assert.equal(tree.visible, false);
    await change();
    await change();
    assert.equal(refreshes, 0);
    await vscode.commands.executeCommand(`${view.gateway}.focus`);
    await eventually(() => tree.visible && refreshes === 1, 'one refresh');
  });

  it('follows what happens while it is seen, and stops when it is hidden again', async () => {
    const before = refreshes;
    await change();
    await eventually(() => refreshes > before, 'a refresh');
    await vscode.commands.executeCommand('workbench.view.explorer');
    await eventually(() => !tree.visible, 'the view being hidden');
    const hidden = refreshes;
    await change();
    assert.equal(refreshes, hidden);
  });
});
