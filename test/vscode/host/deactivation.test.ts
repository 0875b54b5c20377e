import assert from 'node:assert/strict';
import * as vscode from 'vscode';
import { command } from '../../../src/editor/contributions';
import { eventually } from '../../support/eventually';
import { countDisposables } from '../support/counted-api';
import { ownLife } from '../support/own-life';

const rounds = 5;
const kinds = ['TCPSocketWrap', 'TCPServerWrap', 'PipeWrap', 'ProcessWrap', 'FSEventWrap', 'Timeout'];

/** Handles and timers of this process, by kind. */
function owned(): Record<string, number> {
  const all = process.getActiveResourcesInfo();
  return Object.fromEntries(kinds.map((kind) => [kind, all.filter((one) => one === kind).length]));
}

/** A life of the extension that ends with its work under way. */
async function busyLife(during: () => void): Promise<void> {
  await ownLife(async () => {
    await vscode.commands.executeCommand(command.refresh);
    await vscode.commands.executeCommand(command.showLogs);
    await eventually(async () => {
      await vscode.commands.executeCommand(command.copyConnection);
      return (await vscode.env.clipboard.readText()).includes('MCP_GATEWAY');
    });
    during();
  });
}

describe('the extension when it ends', () => {
  it('leaves no listener, provider, item or channel in the editor', async () => {
    const api = countDisposables();
    let most = 0;
    try {
      await busyLife(() => (most = api.left().length));
      assert.ok(most >= 25, `only ${most} were counted while it lived`);
      assert.deepEqual(api.left(), []);
    } finally {
      api.restore();
    }
    const commands = await vscode.commands.getCommands(true);
    const ours: readonly string[] = Object.values(command);
    assert.deepEqual(
      commands.filter((id) => ours.includes(id)),
      [],
    );
  });

  it('leaves no socket, pipe, child, watcher and timer in the process', async () => {
    const before = owned();
    let most = before;
    for (let round = 0; round < rounds; round += 1) await busyLife(() => (most = owned()));
    const socketsOf = ({ TCPSocketWrap = 0 }: Record<string, number>): number => TCPSocketWrap;
    assert.ok(socketsOf(most) > socketsOf(before), 'no socket was counted while it lived');
    // The editor's own come and go; what the extension left would be there once for each round.
    const grown = (): [string, number][] =>
      Object.entries(owned()).filter(([kind, count]) => count - (before[kind] ?? 0) >= rounds);
    await eventually(() => grown().length === 0, `nothing being left, of ${JSON.stringify(most)},`);
  });
});
