import assert from 'node:assert/strict';
import * as vscode from 'vscode';
import { note } from './notes';

const extensionId = 'devcontainer-gateway.devcontainer-gateway';

describe('activation', () => {
  it('finds the extension under test, on the side of the workspace', () => {
    const extension = vscode.extensions.getExtension(extensionId);
    assert.ok(extension);
    assert.equal(extension.extensionKind, vscode.ExtensionKind.Workspace);
  });

  it('loads the bundle and activates, once it is asked to', async () => {
    const extension = vscode.extensions.getExtension(extensionId);
    assert.ok(extension);
    assert.equal(extension.isActive, false);
    await quiet();
    const [started, cpu] = [performance.now(), process.cpuUsage()];
    await extension.activate();
    const ms = performance.now() - started;
    const { user, system } = process.cpuUsage(cpu);
    assert.equal(extension.isActive, true);
    note(`activation: ${ms.toFixed(0)} ms, ${((user + system) / 1000).toFixed(0)} ms of CPU`);
  });
});

/** Waits until the window has loaded, which shows in timers that are on time; a busy machine is not waited for long. */
async function quiet(): Promise<void> {
  let onTime = 0;
  for (let round = 0; round < 100 && onTime < 10; round += 1) {
    const due = performance.now() + 50;
    await new Promise((resolve) => setTimeout(resolve, 50));
    onTime = performance.now() - due < 3 ? onTime + 1 : 0;
  }
}
