import { cp, mkdir, mkdtemp, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { DevContainer } from '../../support/dev-container';
import { root } from '../../support/gateway';
import { Cleanup } from '../support/cleanup';
import { startEditor, type Editor, type EditorOptions } from '../support/editor';
import { openFolder } from '../support/folder-dialog';
import { packagedExtension } from '../support/package';
import { Workbench } from '../support/workbench';

const fixtures = path.join(root, 'test/fixtures/devcontainers');
const addGateway = 'Add MCP Gateway to devcontainer';
const without = ['MCP_GATEWAY', 'MCP_GATEWAY_URL', 'MCP_GATEWAY_AUTH_TOKEN'];

/** An editor without an engine, and folders for it to open. */
class Place {
  readonly cleanup = new Cleanup();

  async folder(fixture?: string): Promise<string> {
    const base = await mkdtemp(path.join(os.tmpdir(), 'mcpt-ve-welcome-'));
    this.cleanup.add(async () => await rm(base, { recursive: true, force: true }));
    const folder = path.join(base, 'orders');
    if (fixture === undefined) await mkdir(folder);
    else await cp(path.join(fixtures, fixture), folder, { recursive: true });
    return folder;
  }

  async editor(options: EditorOptions): Promise<[Editor, Workbench]> {
    const editor = await startEditor({
      extensions: await packagedExtension(),
      env: { DOCKER_HOST: `unix://${path.join(os.tmpdir(), 'mcpt-no-engine.sock')}` },
      without,
      ...options,
    });
    this.cleanup.add(async () => await editor.close());
    return [editor, new Workbench(editor.page)];
  }
}

describe('the view before a gateway runs, on a machine without an engine', () => {
  const place = new Place();
  let editor: Editor;
  let bench: Workbench;

  before(async () => {
    [editor, bench] = await place.editor({});
  });

  afterEach(async function () {
    if (this.currentTest?.state === 'failed') await bench.keepFailure(this.currentTest.title);
  });

  after(async () => await place.cleanup.run());

  it('asks for a folder in an empty window, where Add says the same', async () => {
    await bench.openView();
    await bench.view.getByRole('button', { name: 'Open Folder' }).waitFor();
    await bench.screenshot('welcome-no-folder', 'small');
    await bench.run(`MCP Gateway: ${addGateway}`);
    await bench.notification('No folder is open').waitFor();
  });

  it('says what a folder without a dev container needs, and sees it come', async () => {
    const folder = await place.folder();
    await bench.clearNotifications();
    await bench.welcome.getByRole('button', { name: 'Open Folder' }).click();
    await openFolder(bench, folder);
    await bench.openView();
    await bench.view.getByText('This folder has no dev container').waitFor();
    await bench.screenshot('welcome-no-dev-container', 'small');
    await bench.run(`MCP Gateway: ${addGateway}`);
    await bench.notification('This folder has no dev container').waitFor();
    await bench.clearNotifications();
    await cp(path.join(fixtures, 'javascript-node-postgres'), folder, { recursive: true });
    await bench.welcome.getByRole('button', { name: 'Refresh' }).click();
    await bench.view.getByRole('button', { name: addGateway }).waitFor();
    await bench.screenshot('welcome-no-gateway', 'small');
  });

  it('offers Add on devcontainer.json in the Explorer, and on no other file', async () => {
    await bench.run('View: Show Explorer');
    const file = (name: string) => bench.view.getByRole('treeitem', { name });
    await file('.devcontainer').click();
    await file('devcontainer.json').waitFor();
    const entry = editor.page.getByRole('menuitem', { name: addGateway });
    await file('docker-compose.yml').click({ button: 'right' });
    await editor.page.getByRole('menuitem', { name: /^Copy Path/ }).waitFor();
    if (await entry.isVisible()) throw new Error('the entry is on docker-compose.yml');
    await editor.page.keyboard.press('Escape');
    await file('devcontainer.json').click({ button: 'right' });
    await bench.choose(addGateway);
    await bench.picker.getByText('Built-in gateway').waitFor();
    await editor.page.keyboard.press('Escape');
  });

  it('says of each gateway kind how far it is, and refuses one that cannot be added', async () => {
    await bench.openView();
    await bench.view.getByRole('button', { name: addGateway }).click();
    await bench.picker.getByText('Docker MCP Gateway').waitFor();
    await bench.picker.getByText('recommended').waitFor();
    await bench.picker.getByText('needs the engine socket').waitFor();
    await bench.screenshot('add-kind');
    await bench.picker.getByText('Docker MCP Gateway').click();
    await bench.notification('"docker" is not available in this version').waitFor();
  });

  it('asks which dev container is meant where there are several', async () => {
    await editor.open(await place.folder('subfolders'));
    await bench.openView();
    await bench.view.getByRole('button', { name: addGateway }).click();
    await bench.picker.getByText('.devcontainer/node/devcontainer.json').waitFor();
    await bench.picker.getByText('.devcontainer/python/devcontainer.json').waitFor();
    await editor.page.keyboard.press('Escape');
  });

  it('says that no engine answers where a gateway was added, and what Start needs', async () => {
    const container = await DevContainer.copyOf('javascript-node-postgres', 'vswel');
    place.cleanup.add(async () => await rm(container.folder, { recursive: true, force: true }));
    await container.mustCli('add', '--yes', '--json', '--no-start');
    await editor.open(container.folder);
    await bench.openView();
    await bench.view.getByText('No container engine answers').waitFor();
    await bench.statusSays(/^MCP Gateway: no container engine/);
    await bench.screenshot('welcome-no-engine', 'small');
    await bench.run('MCP Gateway: Start');
    await bench.notification('There is no container engine here').waitFor();
  });
});

describe('the view in a workspace that is not trusted', () => {
  const place = new Place();
  let editor: Editor;
  let bench: Workbench;

  before(async () => {
    const settings = {
      'security.workspace.trust.startupPrompt': 'never',
      'security.workspace.trust.banner': 'never',
    };
    const folder = await place.folder('javascript-node-postgres');
    [editor, bench] = await place.editor({ folder, settings, trust: false });
  });

  afterEach(async function () {
    if (this.currentTest?.state === 'failed') await bench.keepFailure(this.currentTest.title);
  });

  after(async () => await place.cleanup.run());

  it('waits, and says so, until it is trusted', async () => {
    await bench.openView();
    const manage = bench.view.getByRole('button', { name: 'Manage Workspace Trust' });
    await manage.waitFor();
    await bench.screenshot('welcome-untrusted', 'small');
    await bench.run(`MCP Gateway: ${addGateway}`);
    await bench.notification('This workspace is not trusted').waitFor();
    await manage.click();
    await editor.page
      .locator('.workspace-trust-editor')
      .getByRole('button', { name: 'Trust', exact: true })
      .click();
    await bench.view.getByRole('button', { name: addGateway }).waitFor();
  });
});
