import assert from 'node:assert/strict';
import * as vscode from 'vscode';

const extensionId = 'devcontainer-mcp.devcontainer-mcp';

describe('activation', () => {
  it('finds the extension under test, on the side of the workspace', () => {
    const extension = vscode.extensions.getExtension(extensionId);
    assert.ok(extension);
    assert.equal(extension.extensionKind, vscode.ExtensionKind.Workspace);
  });

  it('activates without an error', async () => {
    await vscode.extensions.getExtension(extensionId)?.activate();
    assert.equal(vscode.extensions.getExtension(extensionId)?.isActive, true);
  });
});
