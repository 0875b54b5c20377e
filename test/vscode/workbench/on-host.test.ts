import assert from 'node:assert/strict';
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { Locator } from 'playwright-core';
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

  /** Answers the questions of Add up to the diff; returns the question below the diff. */
  const addUpToDiff = async (...alsoFor: string[]): Promise<Locator> => {
    await bench.run('MCP Gateway: Add MCP Gateway to devcontainer');
    await bench.picker.getByText('Built-in gateway').click();
    await bench.picker.getByText('Gemini CLI').waitFor();
    for (const client of alsoFor) await bench.picker.getByText(client).click();
    await bench.screenshot('add-clients', 'small');
    await bench.picker.getByRole('button', { name: 'OK' }).click();
    const question = bench.notification('Add MCP Gateway: apply the');
    await question.waitFor();
    await editor.page.locator('.multiDiffEntry').first().waitFor();
    return question;
  };

  before(async () => {
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
    if (this.currentTest?.state === 'failed') await bench.keepFailure(this.currentTest.title);
  });

  after(async () => await cleanup.run());

  it('welcomes a workspace without a gateway with the one thing to do', async () => {
    await bench.openView();
    await bench.welcome.getByRole('button', { name: 'Add MCP Gateway to devcontainer' }).waitFor();
  });

  it('takes everything back when Add is cancelled while it works', async () => {
    const question = await addUpToDiff();
    await question.getByRole('button', { name: 'Apply' }).click();
    await bench.notification('Adding the MCP gateway').getByRole('button', { name: 'Cancel' }).click();
    await bench.notification('Every change was undone').waitFor();
    assert.deepEqual(await treeListing(container.folder), original);
    assert.deepEqual((await projectResources(container.project)).containers, []);
  });

  it('names the secrets that servers need, and changes nothing when the diff is answered with Cancel', async () => {
    await bench.clearNotifications();
    const ours = path.join(container.folder, '.devcontainer/mcp-gateway');
    await mkdir(ours);
    const url = 'https://api.githubcopilot.com/mcp/';
    const github = { type: 'http', url, headers: { Authorization: 'Bearer ${GITHUB_TOKEN}' } };
    await writeFile(path.join(ours, 'servers.json'), JSON.stringify({ servers: { github } }));
    const question = await addUpToDiff();
    await question.getByText('GITHUB_TOKEN (github)').waitFor();
    await question.getByRole('button', { name: 'Cancel' }).click();
    await editor.page.locator('.multiDiffEntry').first().waitFor({ state: 'hidden' });
    await rm(ours, { recursive: true });
    assert.deepEqual(await treeListing(container.folder), original);
  });

  it('adds a gateway from the palette: asks, shows the diff, applies it and starts', async () => {
    const question = await addUpToDiff('Gemini CLI');
    await bench.screenshot('add-diff');
    await question.getByRole('button', { name: 'Apply' }).click();
    await bench.notification('Adding the MCP gateway').waitFor();
    await bench.screenshot('add-progress', 'small');
    await bench.statusSays(/^MCP Gateway: healthy/);
    await bench.notification('finds it the next time it is opened').waitFor();
    assert.match(await readFile(path.join(container.folder, '.mcp.json'), 'utf8'), /MCP_GATEWAY_URL/);
    assert.match(await readFile(path.join(container.folder, '.gemini/settings.json'), 'utf8'), /httpUrl/);
  });

  it('shows the servers and their tools, and calls one', async () => {
    await bench.clearNotifications();
    await bench.row(/^MCP Gateway, healthy · 1 server/).waitFor();
    await bench.expand(/^Server sample/);
    await bench.expand(/^\d+ tools?$/);
    await bench.row(/^Tool echo/).waitFor();
    await bench.screenshot('healthy', 'small');
    await bench.run('MCP Gateway: Call Tool');
    await bench.picker.getByText('echo', { exact: true }).click();
    await editor.page.locator('.editor-instance .view-lines').filter({ hasText: 'sample__echo' }).waitFor();
    await editor.page.keyboard.type('hello from the host');
    await editor.page.keyboard.press('Control+Enter');
    await editor.page.locator('.editor-instance').filter({ hasText: 'sample__echo answered in' }).waitFor();
  });

  it('has its control panel in the tooltip of the status item, and each tool its schema', async () => {
    const hover = editor.page.locator('.monaco-hover');
    await bench.status.hover();
    await hover.getByRole('link', { name: 'Restart' }).waitFor();
    assert.match(await hover.innerText(), /healthy[\s\S]*sample[\s\S]*Stop[\s\S]*Logs/);
    await bench.capture('control-panel', { clip: { x: 0, y: 570, width: 480, height: 150 } });
    await bench.row(/^Tool echo/).hover();
    await hover.filter({ hasText: '"properties"' }).waitFor();
    await bench.capture('tool', { clip: { x: 0, y: 0, width: 720, height: 480 } });
  });

  it('turns when the gateway is killed, and comes back with Start', async () => {
    await bench.run('View: Close All Editors');
    await docker('kill', await container.container('mcp-gateway'));
    await bench.statusSays(/^MCP Gateway: stopped/);
    await bench.view.getByRole('button', { name: 'Start' }).waitFor();
    await bench.screenshot('stopped', 'small');
    await bench.view.getByRole('button', { name: 'Start' }).click();
    await bench.statusSays(/^MCP Gateway: healthy/);
  });

  it('follows a single server that fails, and back', async () => {
    const file = path.join(container.folder, '.devcontainer/mcp-gateway/servers.json');
    const text = await readFile(file, 'utf8');
    const broken = '"servers": { "broken": { "type": "stdio", "command": "false" },';
    await writeFile(file, text.replace(/"servers"\s*:\s*\{/, broken));
    await bench.statusSays(/^MCP Gateway: degraded.*broken/);
    await bench.row(/^Server broken, failed/).waitFor();
    await writeFile(file, text);
    await bench.statusSays(/^MCP Gateway: healthy/);
  });

  it('has the commands of a server in its context menu, and switches it off and on', async () => {
    await bench.row(/^Server sample/).click({ button: 'right' });
    for (const name of ['Restart Server', 'Show Server Log', 'Open servers.json', 'Copy Name'])
      await editor.page.getByRole('menuitem', { name }).waitFor();
    await bench.choose('Disable Server');
    await bench.row(/^Server sample, disabled/).waitFor();
    await bench.screenshot('disabled', 'small');
    await bench.run('MCP Gateway: Enable Server');
    await bench.picker.getByText('sample', { exact: true }).click();
    await bench.row(/^Server sample, \d+ tools/).waitFor();
  });

  it('stops, restarts and recreates the gateway from the palette', async () => {
    await bench.run('MCP Gateway: Restart');
    await bench.statusSays(/^MCP Gateway: starting/);
    await bench.statusSays(/^MCP Gateway: healthy/);
    await bench.run('MCP Gateway: Stop');
    await bench.statusSays(/^MCP Gateway: stopped/);
    await bench.run('MCP Gateway: Recreate');
    await bench.statusSays(/^MCP Gateway: being created/);
    await bench.screenshot('creating', 'small');
    await bench.statusSays(/^MCP Gateway: healthy/);
  });

  it('says that the gateway was not created when its container is gone, and creates it', async () => {
    await docker('rm', '--force', await container.container('mcp-gateway'));
    await bench.statusSays(/^MCP Gateway: not created/);
    const start = bench.welcome.getByRole('button', { name: 'Start' });
    await start.waitFor();
    await bench.screenshot('absent', 'small');
    await start.click();
    await bench.statusSays(/^MCP Gateway: healthy/);
  });

  it('says why a gateway cannot start, and starts it when that is mended', async () => {
    const program = path.join(container.folder, '.devcontainer/mcp-gateway/gateway.cjs');
    const good = await readFile(program);
    await writeFile(program, 'console.error("no room for a gateway"); process.exit(7);\n');
    await bench.run('MCP Gateway: Recreate');
    await bench.statusSays(/^MCP Gateway: failed/);
    await bench.notification('The gateway is not running').waitFor();
    await bench.row(/^Problem: .* Enter: Start/).waitFor();
    await bench.screenshot('failed');
    await writeFile(program, good);
    await bench.clearNotifications();
    await bench.run('MCP Gateway: Recreate');
    await bench.statusSays(/^MCP Gateway: healthy/);
  });

  it('follows the log of the gateway in an output channel', async () => {
    await bench.run('MCP Gateway: Show Logs');
    await editor.page.locator('.panel .view-lines').filter({ hasText: 'listening' }).waitFor();
    await bench.screenshot('logs');
    await bench.run('View: Hide Panel');
  });

  it('keeps no token in its logs', async () => {
    const token = await tokenOf(container.folder);
    for (const [file, text] of await logsOf(editor)) assert.ok(!text.includes(token), file);
  });

  it('removes the gateway and leaves nothing, in the files and in the engine', async () => {
    await bench.run('MCP Gateway: Remove MCP Gateway from devcontainer');
    const question = bench.notification('Remove MCP Gateway: apply the');
    await question.waitFor();
    await question.getByRole('button', { name: 'Remove' }).click();
    await bench.view.getByRole('button', { name: 'Add MCP Gateway to devcontainer' }).waitFor();
    assert.deepEqual(await treeListing(container.folder), original);
    const { containers, networks, volumes, images } = await projectResources(container.project);
    // Compose makes every volume of the project when it starts one service; the database's is the user's.
    const ours = volumes.filter((name) => !name.endsWith('_postgres-data'));
    assert.deepEqual(
      { containers, networks, ours, images },
      { containers: [], networks: [], ours: [], images: [] },
    );
  });

  it('offers a rebuild where the dev container runs already', async () => {
    await container.up();
    const question = await addUpToDiff();
    await question.getByRole('button', { name: 'Apply' }).click();
    await bench.notification('The running dev container finds it after a rebuild').waitFor();
  });
});
