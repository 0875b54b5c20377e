import assert from 'node:assert/strict';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import * as vscode from 'vscode';
import { setting } from '../../../src/editor/contributions';
import type { GatewayModel } from '../../../src/editor/model';
import { isGivenByFile, workspaceRootSetting } from '../../../src/views/mcp-files';
import { McpProvider } from '../../../src/views/mcp-provider';
import { eventually, patienceMs } from '../../support/eventually';
import { answeringModel } from '../support/answering-model';

const token = process.env['MCP_GATEWAY_AUTH_TOKEN'] ?? '';

describe("the gateway in VS Code's own agent", () => {
  let folder: string;
  let model: GatewayModel;
  let provider: McpProvider;

  const given = async (): Promise<number> => (await provider.provideMcpServerDefinitions()).length;

  before(async () => {
    folder = await mkdtemp(path.join(os.tmpdir(), 'mcpt-ve-model-'));
    model = await answeringModel(folder);
    provider = new McpProvider(model);
  });

  after(async () => {
    provider.dispose();
    model.dispose();
    await rm(folder, { recursive: true, force: true });
  });

  it('is one server without its token, which is added when it starts', async () => {
    const [definition, ...more] = await provider.provideMcpServerDefinitions();
    assert.ok(definition);
    assert.equal(more.length, 0);
    assert.ok(!JSON.stringify(definition).includes(token));
    const resolved = await provider.resolveMcpServerDefinition(definition);
    assert.equal(resolved.headers['Authorization'], `Bearer ${token}`);
    assert.equal(resolved.uri.toString(true), process.env['MCP_GATEWAY_URL']);
  });

  it('has another version when the tools change', async () => {
    const version = async (): Promise<string | undefined> =>
      (await provider.provideMcpServerDefinitions())[0]?.version;
    const before = await version();
    await (await model.manager()).restartServer('everything', AbortSignal.timeout(patienceMs));
    await eventually(async () => (await version()) !== before && (await version()) !== undefined);
  });

  it('is left out where a file of the workspace gives it already', async () => {
    await mkdir(path.join(folder, '.vscode'));
    const entry = { servers: { gateway: { type: 'http', url: '${env:MCP_GATEWAY_URL}' } } };
    await writeFile(path.join(folder, '.vscode/mcp.json'), `// ours\n${JSON.stringify(entry)}`);
    assert.equal(await given(), 0);
    await rm(path.join(folder, '.vscode'), { recursive: true });
    assert.equal(await given(), 1);
  });

  it('is there beside a file of the workspace that gives other servers', async () => {
    await writeFile(
      path.join(folder, '.mcp.json'),
      '{ "mcpServers": { "gateway": { "command": "other" } } }',
    );
    await withRootFile(true, async () => assert.equal(await given(), 1));
  });

  it('is left out for .mcp.json only where VS Code reads that file', async () => {
    const entry = { gateway: { type: 'http', url: '${MCP_GATEWAY_URL:-http://127.0.0.1:8811/mcp}' } };
    await writeFile(path.join(folder, '.mcp.json'), JSON.stringify({ mcpServers: entry }));
    await withRootFile(false, async () => assert.equal(await given(), 1));
    await withRootFile(true, async () => assert.equal(await given(), 0));
    await writeFile(path.join(folder, '.mcp.json'), JSON.stringify(entry));
    await withRootFile(true, async () => assert.equal(await given(), 0));
  });

  it('is there where the variable that a file names is not set, as on the host', async () => {
    const url = process.env['MCP_GATEWAY_URL'] ?? '';
    await withRootFile(true, async () => {
      assert.equal(await isGivenByFile(folder, url, {}), false);
      assert.equal(await isGivenByFile(folder, url, { MCP_GATEWAY_URL: url }), true);
    });
  });

  it('is left out where a setting says so', async () => {
    await rm(path.join(folder, '.mcp.json'));
    const configuration = vscode.workspace.getConfiguration();
    await configuration.update(setting.provideToAgent, false, vscode.ConfigurationTarget.Global);
    assert.equal(await given(), 0);
    await configuration.update(setting.provideToAgent, undefined, vscode.ConfigurationTarget.Global);
    assert.equal(await given(), 1);
  });
});

/** Lets VS Code read `.mcp.json`, or not, while `during` runs. */
async function withRootFile(read: boolean, during: () => Promise<void>): Promise<void> {
  const configuration = vscode.workspace.getConfiguration();
  const { Global } = vscode.ConfigurationTarget;
  await configuration.update(workspaceRootSetting, read, Global);
  try {
    await during();
  } finally {
    await configuration.update(workspaceRootSetting, undefined, Global);
  }
}
