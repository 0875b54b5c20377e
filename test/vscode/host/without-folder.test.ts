import assert from 'node:assert/strict';
import * as vscode from 'vscode';
import { command } from '../../../src/editor/contributions';
import { errorsDuring } from '../support/messages';
import { ownLife, withWorkspace } from '../support/own-life';

const virtual = { uri: vscode.Uri.parse('vscode-vfs://github/owner/name'), name: 'name', index: 0 };

/** Where no command can work, and what each says there. */
const places: [place: string, workspace: Parameters<typeof withWorkspace>[0], says: RegExp][] = [
  ['an untrusted workspace', { isTrusted: false }, /not trusted.*Trust it first/],
  ['an empty window', { workspaceFolders: undefined }, /No folder is open.*Open the folder/],
  ['a virtual workspace', { workspaceFolders: [virtual] }, /virtual workspace.*from a disk/],
];

describe('each command', () => {
  for (const [place, workspace, says] of places) {
    it(`says in ${place} why it does nothing, and what to do`, async () => {
      await withWorkspace(workspace, async () => {
        await ownLife(async () => {
          for (const id of Object.values(command)) {
            const errors = await errorsDuring(async () => await vscode.commands.executeCommand(id));
            assert.equal(errors.length, 1, id);
            assert.match(errors[0] ?? '', says, id);
          }
        });
      });
    });
  }
});
