import assert from 'node:assert/strict';
import * as vscode from 'vscode';
import { command } from '../../../src/editor/contributions';
import { GatewayApi } from '../../../src/kinds/builtin/api';
import type { ServerReport } from '../../../src/servers/api-types';
import { eventually } from '../../support/eventually';
import { server } from './samples';

const run = async (id: string, ...args: unknown[]): Promise<unknown> =>
  await vscode.commands.executeCommand(id, ...args);

describe('commands beside a running gateway', () => {
  before(async () => {
    await vscode.extensions.getExtension('devcontainer-gateway.devcontainer-gateway')?.activate();
    await run(command.refresh);
  });

  it('Call Tool opens a document with the arguments that the tool asks for', async () => {
    await run(command.callTool, 'everything__echo');
    const text = vscode.window.activeTextEditor?.document.getText() ?? '';
    assert.match(text, /"tool": "everything__echo"/);
    assert.match(text, /"arguments": \{\s+"message": ""\s+\}/);
  });

  it('the document is checked against the schema of the tool', async () => {
    const document = await callWith('{ "message": 5 }');
    const wrong = await eventually(
      () => vscode.languages.getDiagnostics(document.uri).find(({ message }) => message.includes('string')),
      'a diagnostic of the wrong type',
    );
    assert.equal(
      wrong.range.start.line,
      document
        .getText()
        .split('\n')
        .findIndex((line) => line.includes('message')),
    );
  });

  it('runs the call and shows the result beside it', async () => {
    const document = await callWith('{ "message": "hello from the host test" }');
    await run(command.runCall);
    assert.equal(document.isDirty, false);
    const shown = vscode.workspace.textDocuments.find(
      ({ uri }) => uri.scheme === 'devcontainer-gateway-result',
    );
    assert.match(shown?.getText() ?? '', /Echo: hello from the host test/);
  });

  it('keeps the digits of an integer beyond 2^53', async () => {
    const document = await callWith('{ "message": "big", "n": 9007199254740993 }');
    const { readCall } = await import('../../../src/editor/call-documents');
    assert.ok(readCall(document).args.includes('9007199254740993'));
  });

  it('opens a call again as it was written last', async () => {
    await callWith('{ "message": "kept" }');
    await run('workbench.action.files.save');
    await run('workbench.action.closeActiveEditor');
    await run(command.callTool, 'everything__echo');
    assert.match(vscode.window.activeTextEditor?.document.getText() ?? '', /"message": "kept"/);
  });

  it('Doctor shows what it finds in the output', async () => {
    await run(command.doctor);
    const report = await eventually(
      () =>
        vscode.workspace.textDocuments
          .filter(({ uri }) => uri.scheme === 'output')
          .map((document) => document.getText())
          .find((text) => text.includes('gateway.state')),
      'the report of the doctor',
    );
    assert.match(report, /^ok +gateway\.state +it answers at /m);
    assert.match(report, /^ok +token\.variable +the gateway takes it$/m);
    assert.ok(!report.includes(process.env['MCP_GATEWAY_AUTH_TOKEN'] ?? 'no token'));
  });

  it('Copy Connection copies an entry that names the variables and holds no token', async () => {
    await run(command.copyConnection);
    const text = await vscode.env.clipboard.readText();
    assert.match(text, /\$\{MCP_GATEWAY_AUTH_TOKEN\}/);
    assert.ok(!text.includes(process.env['MCP_GATEWAY_AUTH_TOKEN'] ?? 'no token'));
  });

  it('Copy Name copies the name of a row as clients use it', async () => {
    await run(command.copyName, { kind: 'server', server: server('everything', 'ready') });
    assert.equal(await vscode.env.clipboard.readText(), 'everything');
  });

  it('Disable Server and Enable Server write the file, and the gateway follows', async () => {
    await run(command.disableServer, 'everything');
    await eventually(async () => (await reportOf('everything')).state === 'disabled');
    await run(command.refresh);
    await run(command.openServersFile);
    assert.match(vscode.window.activeTextEditor?.document.getText() ?? '', /"enabled": ?false/);
    await run(command.enableServer, 'everything');
    await eventually(async () => (await reportOf('everything')).state === 'ready');
  });

  it('Restart Server makes a new process of it', async () => {
    const before = await pidOf('everything');
    await run(command.restartServer, 'everything');
    const after = await eventually(async () => {
      const pid = await pidOf('everything');
      return pid !== null && pid !== before ? pid : undefined;
    });
    assert.notEqual(after, before);
  });
});

/** Opens the call of the tool `echo` and writes its arguments. */
async function callWith(args: string): Promise<vscode.TextDocument> {
  await run(command.callTool, 'everything__echo');
  const document = vscode.window.activeTextEditor?.document;
  assert.ok(document);
  const from = document.getText().indexOf('"arguments"');
  const all = new vscode.Range(document.positionAt(from), document.positionAt(document.getText().length));
  const edit = new vscode.WorkspaceEdit();
  edit.replace(document.uri, all, `"arguments": ${args}\n}\n`);
  assert.ok(await vscode.workspace.applyEdit(edit));
  return document;
}

async function pidOf(name: string): Promise<number | null> {
  return (await reportOf(name)).pid;
}

async function reportOf(name: string): Promise<ServerReport> {
  const address = new URL(process.env['MCP_GATEWAY_URL'] ?? '');
  const api = new GatewayApi({
    url: address,
    token: process.env['MCP_GATEWAY_AUTH_TOKEN'],
    source: 'the test',
  });
  const report = (await api.servers()).servers.find((one) => one.name === name);
  assert.ok(report);
  return report;
}
