import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { rm, stat } from 'node:fs/promises';
import path from 'node:path';
import * as v from 'valibot';
import { DevContainer, removeLeftovers } from '../../support/dev-container';
import { docker, tryDocker } from '../../support/docker';
import { eventually } from '../../support/eventually';
import { tokenOf } from '../../support/token-search';
import { Cleanup } from '../support/cleanup';
import { startEditor, type Editor } from '../support/editor';
import { insideData, startInside, toolsMount } from '../support/editor-inside';
import { Workbench } from '../support/workbench';

const describeWithEngine = process.env['MCP_TEST_ENGINE'] ? describe : () => undefined;
const tokenFile = '.devcontainer/mcp-gateway/token.env';
const Status = v.object({
  status: v.string(),
  gateway: v.object({ startedAt: v.string() }),
  servers: v.array(v.object({ name: v.string(), startedAt: v.nullable(v.string()) })),
});

describeWithEngine(
  'the packaged extension inside the dev container of a fresh clone, where there is no engine',
  () => {
    const cleanup = new Cleanup();
    let container: DevContainer;
    let editor: Editor;
    let bench: Workbench;
    let folder: string;

    /** How the gateway is, as the command line on the host tells it. */
    const status = async (): Promise<v.InferOutput<typeof Status>> =>
      v.parse(Status, JSON.parse(await container.mustCli('status', '--json')));

    before(async () => {
      await removeLeftovers();
      container = await DevContainer.copyOf('javascript-node-postgres', 'vscin');
      cleanup.add(async () => await container.dispose());
      await container.mustCli('add', '--yes', '--json', '--no-start');
      // As in a fresh clone: git does not have the token file.
      await rm(path.join(container.folder, tokenFile));
      await container.up(...toolsMount);
      const server = await startInside(container, process.env['MCP_TEST_VSIX'] ?? '');
      folder = (await container.mustExec('pwd')).trim();
      editor = await startEditor({ server, folder });
      cleanup.add(async () => await editor.close());
      bench = new Workbench(editor.page);
    });

    afterEach(async function () {
      if (this.currentTest?.state === 'failed') await bench.keepFailure(this.currentTest.title);
    });

    after(async () => await cleanup.run());

    it('shows the gateway, its servers and their tools', async () => {
      await bench.openView();
      await bench.row(/^MCP Gateway, healthy · 1 server/).waitFor();
      await bench.statusSays(/^MCP Gateway: healthy/);
      await bench.expand(/^Server sample/);
      await bench.expand(/^\d+ tools?$/);
      await bench.row(/^Tool echo/).waitFor();
      await bench.screenshot('inside', 'small');
    });

    it('writes the missing token file, and gives new terminals the token at once', async () => {
      const app = await container.container('app');
      const token = (await docker('exec', app, 'cat', '/run/mcp-gateway/token')).trim();
      await eventually(async () => (await tokenOf(container.folder)) === token, 'the token file');
      assert.equal((await stat(path.join(container.folder, tokenFile))).mode & 0o777, 0o600);
      await bench.run('Terminal: Create New Terminal');
      await editor.page.locator('.terminal-wrapper.active .xterm-screen').click();
      await editor.page.keyboard.type('printenv MCP_GATEWAY_AUTH_TOKEN | sha256sum > /tmp/seen\n');
      const hash = createHash('sha256').update(`${token}\n`).digest('hex');
      await eventually(
        async () => (await tryDocker('exec', app, 'cat', '/tmp/seen')).stdout.startsWith(hash),
        'the token in a new terminal',
      );
      await bench.run('View: Hide Panel');
    });

    it('calls a tool', async () => {
      await bench.run('MCP Gateway: Call Tool');
      await editor.page.locator('.quick-input-widget').getByText('echo', { exact: true }).click();
      await editor.page.locator('.editor-instance .view-lines').filter({ hasText: 'sample__echo' }).waitFor();
      await editor.page.keyboard.type('hello from inside');
      await editor.page.keyboard.press('Control+Enter');
      await editor.page.locator('.editor-instance').filter({ hasText: 'sample__echo answered in' }).waitFor();
    });

    it('restarts a server', async () => {
      const before = (await status()).servers[0]?.startedAt;
      await bench.run('MCP Gateway: Restart Server');
      await editor.page.locator('.quick-input-list').getByText('sample', { exact: true }).click();
      await eventually(async () => (await status()).servers[0]?.startedAt !== before);
    });

    it('restarts the gateway, which its restart policy brings back', async () => {
      const before = (await status()).gateway.startedAt;
      await bench.run('MCP Gateway: Restart');
      await eventually(async () => (await status()).gateway.startedAt !== before);
      await bench.statusSays(/^MCP Gateway: healthy/);
    });

    it('follows the log of a server', async () => {
      await bench.run('MCP Gateway: Show Logs');
      await editor.page.locator('.panel .view-lines').filter({ hasText: 'sample' }).waitFor();
    });

    it('says where the gateway can be started', async () => {
      await bench.run('View: Hide Panel');
      await bench.run('View: Close All Editors');
      await bench.run('MCP Gateway: Start');
      await bench.notification('on the machine that has the container engine').waitFor();
      await bench.screenshot('inside-start', 'small');
    });

    it('keeps no token in its logs', async () => {
      const app = await container.container('app');
      assert.match(
        await docker('exec', app, 'find', `${insideData}/logs`, '-name', 'MCP Gateway*'),
        /MCP Gateway/,
      );
      const found = await tryDocker(
        'exec',
        app,
        'grep',
        '-rlF',
        await tokenOf(container.folder),
        `${insideData}/logs`,
      );
      assert.equal(found.stdout, '');
      assert.equal(found.code, 1);
    });
  },
);
