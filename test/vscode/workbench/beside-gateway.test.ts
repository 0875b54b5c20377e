import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import os from 'node:os';
import path from 'node:path';
import { realServers, startTestGateway, type TestGateway } from '../../support/gateway';
import { Cleanup } from '../support/cleanup';
import { startEditor, type Editor } from '../support/editor';
import { logsOf } from '../support/logs';
import { packagedExtension } from '../support/package';
import { Workbench } from '../support/workbench';

describe('the packaged extension beside a gateway that is known by its address alone', () => {
  const cleanup = new Cleanup();
  let gateway: TestGateway;
  let editor: Editor;
  let bench: Workbench;
  let folder: string;

  before(async () => {
    const broken = { command: 'node', args: ['-e', 'console.error("no such luck"); process.exit(3)'] };
    gateway = await startTestGateway({
      servers: { everything: realServers.everything, memory: realServers.memory, broken },
    });
    cleanup.add(async () => await gateway.stop());
    folder = await mkdtemp(path.join(os.tmpdir(), 'mcpt-ve-folder-'));
    cleanup.add(async () => await rm(folder, { recursive: true, force: true }));
    editor = await startEditor({
      folder,
      extensions: await packagedExtension(),
      env: { MCP_GATEWAY_URL: gateway.url, MCP_GATEWAY_AUTH_TOKEN: gateway.token },
    });
    cleanup.add(async () => await editor.close());
    bench = new Workbench(editor.page);
  });

  afterEach(async function () {
    if (this.currentTest?.state === 'failed') await bench.keepFailure(this.currentTest.title);
  });

  after(async () => await cleanup.run());

  it('shows the gateway and its servers, and why one failed', async () => {
    await bench.openView();
    await bench.row(/^MCP Gateway, degraded · 3 servers/).waitFor();
    await bench.row(/^Server everything, \d+ tools/).waitFor();
    await bench.row(/^Server broken, failed/).waitFor();
    await bench.row(/^Problem: .* Press Enter: Restart the server/).waitFor();
    await bench.statusSays(/^MCP Gateway: degraded\. 1 of 3 servers/);
    await bench.screenshot('degraded', 'small');
  });

  it('lists the tools of a server with what they do, by the keyboard alone', async () => {
    await bench.run('View: Show MCP Gateway');
    await bench.arrowTo(/^Server everything/);
    await bench.openFocused();
    await bench.arrowTo(/^\d+ tools$/);
    await bench.openFocused();
    await bench.arrowTo(/^Tool echo/);
    await bench.screenshot('tools');
  });

  it('keeps the selection and what is open when something changes', async () => {
    const file = path.join(gateway.folder, 'servers.json');
    const servers = { everything: realServers.everything, memory: realServers.memory };
    const selected = await bench.focusedRow();
    await writeFile(file, JSON.stringify({ servers }));
    await bench.row(/^MCP Gateway, healthy · 2 servers/).waitFor();
    await bench.row(/^Tool echo/).waitFor();
    assert.equal(await bench.focusedRow(), selected);
  });

  it('opens the row of a server that fails while it is seen closed', async () => {
    const file = path.join(gateway.folder, 'servers.json');
    const { everything, memory } = realServers;
    await bench.row(/^Server memory, \d+ tools/).waitFor();
    const failing = { command: 'node', args: ['-e', 'process.exit(4)'] };
    await writeFile(file, JSON.stringify({ servers: { everything, memory: failing } }));
    await bench.row(/^Problem: .* Press Enter: Restart the server/).waitFor();
    await writeFile(file, JSON.stringify({ servers: { everything, memory } }));
    await bench.row(/^Server memory, \d+ tools/).waitFor();
  });

  it('calls a tool from its row and shows the result', async () => {
    await bench.row(/^Tool echo/).hover();
    await bench
      .row(/^Tool echo/)
      .getByRole('button', { name: 'Call Tool' })
      .click();
    await editor.page
      .locator('.editor-instance .view-lines')
      .filter({ hasText: '"everything__echo"' })
      .waitFor();
    await editor.page.keyboard.type('hello from the workbench');
    await editor.page.keyboard.press('Control+Enter');
    await editor.page.getByText('Echo: hello from the workbench').waitFor();
    await bench.screenshot('result');
  });

  it('says where the gateway can be stopped, since there is no engine here', async () => {
    await bench.run('MCP Gateway: Stop');
    await bench.notification('on the machine that has the container engine').waitFor();
    await bench.screenshot('elsewhere');
    await bench.run('Notifications: Clear All Notifications');
  });

  it('shows the log of a server in an output channel', async () => {
    await bench.run('MCP Gateway: Show Server Log');
    await bench.picker.getByText('everything', { exact: true }).click();
    await editor.page
      .locator('.panel .view-lines')
      .filter({ hasText: 'Starting default (STDIO) server' })
      .waitFor();
    await bench.run('View: Hide Panel');
  });

  it('follows the gateway when it is killed, when a stranger has its port, and when it is back', async () => {
    await bench.run('View: Close All Editors');
    await bench.clearNotifications();
    const { pid } = gateway.process;
    assert.ok(pid !== undefined);
    process.kill(pid, 'SIGKILL');
    await bench.statusSays(/^MCP Gateway: unreachable/);
    await bench.row(/^Problem: .* Press Enter: Refresh/).waitFor();
    await bench.screenshot('unreachable', 'small');
    const port = new URL(gateway.url).port;
    const stranger = createServer((_request, response) => response.end('somebody else')).listen(Number(port));
    await bench.row(/^Problem: .* Press Enter: Refresh/).click();
    await bench.statusSays(/^MCP Gateway: unhealthy/);
    await bench.row(/^Problem: .* Press Enter: Restart/).waitFor();
    await bench.screenshot('unhealthy', 'small');
    stranger.closeAllConnections();
    await new Promise((resolve) => stranger.close(resolve));
    const hanging = { command: 'node', args: ['-e', 'setTimeout(() => {}, 1e6)'] };
    const revived = await startTestGateway({
      servers: { everything: realServers.everything, hanging },
      args: ['--port', port],
      env: { MCP_GATEWAY_AUTH_TOKEN: gateway.token },
      unsettled: true,
    });
    await gateway.stop();
    gateway = revived;
    await bench.statusSays(/^MCP Gateway: starting/);
    await bench.row(/^Server hanging, starting/).waitFor();
    await bench.screenshot('starting', 'small');
    const file = path.join(gateway.folder, 'servers.json');
    await writeFile(file, JSON.stringify({ servers: { everything: realServers.everything } }));
    await bench.statusSays(/^MCP Gateway: healthy/);
    await bench.row(/^MCP Gateway, healthy · 1 server/).waitFor();
  });

  it('keeps no token in its logs', async () => {
    const logs = await logsOf(editor);
    const names = logs.map(([file]) => file).join('\n');
    assert.match(names, /MCP Gateway/);
    for (const [file, text] of logs) assert.ok(!text.includes(gateway.token), file);
  });
});
