import assert from 'node:assert/strict';
import * as vscode from 'vscode';
import { command, type CommandId } from '../../../src/editor/contributions';
import { errorsDuring } from '../support/messages';

/** What each command says where it cannot do its work: beside a gateway without an engine, in a folder without a dev container. */
const refusals: [id: CommandId, argument: unknown, says: RegExp][] = [
  [command.add, undefined, /no dev container.*devcontainer\.json/i],
  [command.remove, undefined, /needs the container engine.*on the machine that runs the container/i],
  [command.start, undefined, /cannot be started from here.*on the machine that has the container engine/i],
  [command.recreate, undefined, /cannot be started from here.*on the machine that has the container engine/i],
  [command.stop, undefined, /cannot be stopped from here.*on the machine that has the container engine/i],
  [command.callTool, 'nobody__nothing', /no tool "nobody__nothing"/],
  [command.restartServer, 'nobody', /no server "nobody"/],
  [command.showServerLog, 'nobody', /no server "nobody"/],
  [command.enableServer, 'nobody', /no server "nobody"/],
  [command.disableServer, 'nobody', /no server "nobody"/],
  [command.copyName, undefined, /Copy Name works on/],
  [command.runCall, undefined, /not contain a tool call.*Call Tool/],
];

describe('a command that cannot do its work', () => {
  before(async () => {
    await vscode.commands.executeCommand(command.refresh);
    await vscode.commands.executeCommand('workbench.action.closeAllEditors');
  });

  for (const [id, argument, says] of refusals) {
    it(`${id} says why, and what to do, once`, async () => {
      const errors = await errorsDuring(async () => await vscode.commands.executeCommand(id, argument));
      assert.equal(errors.length, 1);
      assert.match(errors[0] ?? '', says);
    });
  }
});
