import assert from 'node:assert/strict';
import { readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { DevContainer, removeLeftovers } from '../../support/dev-container';
import { docker, projectResources } from '../../support/docker';
import { tokenOf } from '../../support/token-search';
import { treeListing } from '../../support/tree-hash';
import { Cleanup } from '../support/cleanup';
import { startEditor, type Editor } from '../support/editor';
import { logsOf } from '../support/logs';
import { packagedExtension } from '../support/package';
import { Workbench } from '../support/workbench';

/** Without an engine these tests have nothing to work on; the script that runs them says so. */
const describeWithEngine = process.env['MCP_TEST_ENGINE'] ? describe : () => undefined;

describeWithEngine('the packaged extension on a Compose dev container, with an engine', () => {
  const cleanup = new Cleanup();
  let container: DevContainer;
  let editor: Editor;
  let bench: Workbench;
  let original: string[];

  before(async function () {
    this.timeout(120_000);
    await removeLeftovers();
    container = await DevContainer.copyOf('javascript-node-postgres', 'vsce');
    cleanup.add(async () => await container.dispose());
    original = await treeListing(container.folder);
    editor = await startEditor({
      folder: container.folder,
      extensions: await packagedExtension(),
      env: container.env,
      without: ['MCP_GATEWAY', 'MCP_GATEWAY_URL', 'MCP_GATEWAY_AUTH_TOKEN'],
    });
    cleanup.add(async () => await editor.close());
    bench = new Workbench(editor.page);
  });

  afterEach(async function () {
    if (this.currentTest?.state === 'failed') await bench.screenshot(`failed ${this.currentTest.title}`);
  });

  after(async () => await cleanup.run());

  it('welcomes a workspace without a gateway with the one thing to do', async () => {
    await bench.openView();
    await bench.view
      .getByRole('button', { name: 'Add MCP Gateway to devcontainer' })
      .waitFor({ timeout: 30_000 });
    await bench.screenshot('welcome');
  });

  it('adds a gateway from the palette: asks, shows the diff, applies it and starts', async function () {
    this.timeout(180_000);
    await bench.run('MCP Gateway: Add MCP Gateway to devcontainer');
    const picker = editor.page.locator('.quick-input-widget');
    await picker.getByText('Gemini CLI').waitFor({ timeout: 15_000 });
    await bench.screenshot('add-clients');
    await picker.getByText('Gemini CLI').click();
    await picker.getByRole('button', { name: 'OK' }).click();
    const question = bench.notification('Add MCP Gateway: apply the');
    await question.waitFor({ timeout: 15_000 });
    await editor.page.locator('.multiDiffEntry').first().waitFor({ timeout: 15_000 });
    await bench.screenshot('add-diff');
    await question.getByRole('button', { name: 'Apply' }).click();
    await bench.notification('Adding the MCP gateway').waitFor();
    await bench.screenshot('add-progress');
    await bench.statusSays(/^MCP Gateway: healthy/, 150_000);
    await bench.notification('finds it the next time it is opened').waitFor({ timeout: 15_000 });
    assert.match(await readFile(path.join(container.folder, '.mcp.json'), 'utf8'), /MCP_GATEWAY_URL/);
    assert.match(await readFile(path.join(container.folder, '.gemini/settings.json'), 'utf8'), /httpUrl/);
  });

  it('shows the servers and their tools, and calls one', async () => {
    await bench.run('Notifications: Clear All Notifications');
    await bench.row(/^MCP Gateway, healthy · 1 server/).waitFor({ timeout: 15_000 });
    await bench.expand(/^Server sample/);
    await bench.expand(/^\d+ tools?$/);
    await bench.row(/^Tool echo/).waitFor();
    await bench.screenshot('healthy');
    await bench.run('MCP Gateway: Call Tool');
    await editor.page.locator('.quick-input-widget').getByText('echo', { exact: true }).click();
    await editor.page.locator('.editor-instance .view-lines').filter({ hasText: 'sample__echo' }).waitFor();
    await editor.page.keyboard.type('hello from the host');
    await bench.screenshot('call');
    await editor.page.keyboard.press('Control+Enter');
    await editor.page
      .locator('.editor-instance')
      .filter({ hasText: 'sample__echo answered in' })
      .waitFor({ timeout: 15_000 });
    await bench.screenshot('result');
  });

  it('has its control panel in the tooltip of the status item, and each tool its schema', async () => {
    const hover = editor.page.locator('.monaco-hover');
    await bench.status.hover();
    await hover.getByRole('link', { name: 'Restart' }).waitFor({ timeout: 10_000 });
    assert.match(await hover.innerText(), /healthy[\s\S]*sample[\s\S]*Stop[\s\S]*Logs/);
    await bench.screenshot('control-panel');
    await bench.row(/^Tool echo/).hover();
    await hover.filter({ hasText: '"properties"' }).waitFor({ timeout: 10_000 });
    await bench.screenshot('tool');
  });

  it('turns within 5 s when the gateway is killed, and comes back with Start', async function () {
    this.timeout(120_000);
    await docker('kill', await container.container('mcp-gateway'));
    await bench.statusSays(/^MCP Gateway: stopped/, 5000);
    await bench.view.getByRole('button', { name: 'Start' }).waitFor();
    await bench.screenshot('stopped');
    await bench.view.getByRole('button', { name: 'Start' }).click();
    await bench.statusSays(/^MCP Gateway: healthy/, 60_000);
  });

  it('follows a single server that fails, and back', async () => {
    const file = path.join(container.folder, '.devcontainer/mcp-gateway/servers.json');
    const text = await readFile(file, 'utf8');
    const broken = '"servers": { "broken": { "type": "stdio", "command": "false" },';
    await writeFile(file, text.replace(/"servers"\s*:\s*\{/, broken));
    await bench.statusSays(/^MCP Gateway: degraded.*broken/, 30_000);
    await bench.row(/^Server broken, failed/).waitFor({ timeout: 15_000 });
    await bench.screenshot('degraded');
    await writeFile(file, text);
    await bench.statusSays(/^MCP Gateway: healthy/, 30_000);
  });

  it('stops, restarts and recreates the gateway from the palette', async function () {
    this.timeout(180_000);
    await bench.run('MCP Gateway: Restart');
    await bench.statusSays(/^MCP Gateway: starting/, 20_000);
    await bench.statusSays(/^MCP Gateway: healthy/, 60_000);
    await bench.run('MCP Gateway: Stop');
    await bench.statusSays(/^MCP Gateway: stopped/, 30_000);
    await bench.run('MCP Gateway: Recreate');
    await bench.statusSays(/^MCP Gateway: healthy/, 90_000);
  });

  it('follows the log of the gateway in an output channel', async () => {
    await bench.run('MCP Gateway: Show Logs');
    await editor.page
      .locator('.panel .view-lines')
      .filter({ hasText: 'listening' })
      .waitFor({ timeout: 15_000 });
    await bench.screenshot('logs');
  });

  it('keeps no token in its logs', async () => {
    const token = await tokenOf(container.folder);
    for (const [file, text] of await logsOf(editor)) assert.ok(!text.includes(token), file);
  });

  it('removes the gateway and leaves nothing, in the files and in the engine', async function () {
    this.timeout(120_000);
    await bench.run('MCP Gateway: Remove MCP Gateway from devcontainer');
    const question = bench.notification('Remove MCP Gateway: apply the');
    await question.waitFor({ timeout: 15_000 });
    await bench.screenshot('remove-diff');
    await question.getByRole('button', { name: 'Remove' }).click();
    await bench.view
      .getByRole('button', { name: 'Add MCP Gateway to devcontainer' })
      .waitFor({ timeout: 60_000 });
    assert.deepEqual(await treeListing(container.folder), original);
    const { containers, networks, volumes, images } = await projectResources(container.project);
    // Compose makes every volume of the project when it starts one service; the database's is the user's.
    const ours = volumes.filter((name) => !name.endsWith('_postgres-data'));
    assert.deepEqual(
      { containers, networks, ours, images },
      { containers: [], networks: [], ours: [], images: [] },
    );
  });
});
