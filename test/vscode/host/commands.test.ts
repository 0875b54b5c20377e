import assert from 'node:assert/strict';
import * as vscode from 'vscode';
import { command } from '../../../src/editor/contributions';
import { GatewayApi } from '../../../src/gateway/api';
import type { ServerReport } from '../../../src/gateway/report';
import { eventually } from '../../support/eventually';
import { server } from './samples';

const run = async (id: string, ...args: unknown[]): Promise<unknown> =>
  await vscode.commands.executeCommand(id, ...args);

describe('commands beside a running gateway', () => {
  before(async () => {
    await vscode.extensions.getExtension('devcontainer-mcp.devcontainer-mcp')?.activate();
    await run(command.refresh);
  });

  it('Call Tool opens a document with the arguments that the tool asks for', async () => {
    await run(command.callTool, 'everything__echo');
    const text = vscode.window.activeTextEditor?.document.getText() ?? '';
    assert.match(text, /"tool": "everything__echo"/);
    assert.match(text, /"arguments": \{\s+"message": ""\s+\}/);
  });

  it('the document is checked against the schema of the tool', async () => {
    await run(command.callTool, 'everything__echo');
    const document = vscode.window.activeTextEditor?.document;
    assert.ok(document);
    await replace(document, '"message": ""', '"message": 5');
    const wrong = await eventually(
      () => vscode.languages.getDiagnostics(document.uri).find(({ message }) => message.includes('string')),
      20_000,
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
    await run(command.callTool, 'everything__echo');
    const document = vscode.window.activeTextEditor?.document;
    assert.ok(document);
    await replace(document, '"message": ""', '"message": "hello from the host test"');
    await run(command.runCall);
    const shown = vscode.workspace.textDocuments.find(({ uri }) => uri.scheme === 'devcontainer-mcp-result');
    assert.match(shown?.getText() ?? '', /Echo: hello from the host test/);
  });

  it('keeps the digits of an integer beyond 2^53', async () => {
    await run(command.callTool, 'everything__echo');
    const document = vscode.window.activeTextEditor?.document;
    assert.ok(document);
    await replace(document, '"message": ""', '"message": "big", "n": 9007199254740993');
    const { readCall } = await import('../../../src/editor/call-documents');
    assert.ok(readCall(document).args.includes('9007199254740993'));
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
    await eventually(async () => (await reportOf('everything')).state === 'disabled', 20_000);
    await run(command.refresh);
    await run(command.openServersFile);
    assert.match(vscode.window.activeTextEditor?.document.getText() ?? '', /"enabled": ?false/);
    await run(command.enableServer, 'everything');
    await eventually(async () => (await reportOf('everything')).state === 'ready', 20_000);
  });

  it('Restart Server makes a new process of it', async () => {
    const before = await pidOf('everything');
    await run(command.restartServer, 'everything');
    const after = await eventually(async () => {
      const pid = await pidOf('everything');
      return pid !== null && pid !== before ? pid : undefined;
    }, 20_000);
    assert.notEqual(after, before);
  });
});

async function replace(document: vscode.TextDocument, from: string, to: string): Promise<void> {
  const at = document.getText().indexOf(from);
  assert.notEqual(at, -1);
  const edit = new vscode.WorkspaceEdit();
  edit.replace(
    document.uri,
    new vscode.Range(document.positionAt(at), document.positionAt(at + from.length)),
    to,
  );
  assert.ok(await vscode.workspace.applyEdit(edit));
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
