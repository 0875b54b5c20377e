import assert from 'node:assert/strict';
import * as vscode from 'vscode';
import { command, type CommandId } from '../../../src/editor/contributions';
import { GatewayApi } from '../../../src/kinds/builtin/api';
import { eventually } from '../../support/eventually';
import { errorsDuring } from '../support/messages';

/** What the commands that need a gateway that answers say once it is gone. */
const refusals: [id: CommandId, argument: unknown, says: RegExp][] = [
  [command.restart, undefined, /is not reachable: nothing listens there.*MCP Gateway: Start/],
  [command.callTool, 'everything__echo', /is not reachable: nothing listens there.*MCP Gateway: Start/],
  [command.restartServer, 'everything', /does not answer.*Start it/],
  [command.showServerLog, 'everything', /does not answer.*Start it/],
  [command.disableServer, 'everything', /does not answer.*Start it/],
  [command.openServersFile, undefined, /no servers\.json.*Add the gateway first/],
];

describe('a gateway that is gone', () => {
  before(async () => {
    const url = new URL(process.env['MCP_GATEWAY_URL'] ?? '');
    const api = new GatewayApi({ url, token: process.env['MCP_GATEWAY_AUTH_TOKEN'], source: 'the test' });
    const { gateway } = await api.servers();
    process.kill(gateway.pid ?? assert.fail('the gateway has no process'), 'SIGKILL');
    await eventually(
      async () => /does not answer/.test((await errors(command.restartServer, 'everything'))[0] ?? ''),
      'the extension seeing that the gateway is gone',
    );
  });

  for (const [id, argument, says] of refusals) {
    it(`makes ${id} say so, and what to do`, async () => {
      const [error, ...more] = await errors(id, argument);
      assert.equal(more.length, 0);
      assert.match(error ?? '', says);
    });
  }

  it('is looked for again by Refresh, and its connection can still be copied', async () => {
    assert.deepEqual(await errors(command.refresh), []);
    assert.deepEqual(await errors(command.copyConnection), []);
  });
});

async function errors(id: CommandId, argument?: unknown): Promise<string[]> {
  return await errorsDuring(async () => await vscode.commands.executeCommand(id, argument));
}
