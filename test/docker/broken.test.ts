import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:net';
import { once } from 'node:events';
import path from 'node:path';
import { DevContainer, removeLeftovers } from '../support/dev-container';
import { docker, tryDocker } from '../support/docker';
import { freePort } from '../support/everything-http';
import { eventually, longPatienceMs } from '../support/eventually';
import { gatewayStatus, type StatusReport } from '../support/gateway-status';

/** A wired dev container whose gateway has not been made yet, as after a clean-up of the engine. */
async function wired(name: string, ...options: string[]): Promise<DevContainer> {
  const container = await DevContainer.copyOf('javascript-node-postgres', name);
  await container.mustCli('add', '--yes', '--json', '--no-start', ...options);
  return container;
}

async function opens(container: DevContainer): Promise<void> {
  await container.up();
  assert.equal((await container.mustExec('echo', 'open')).trim(), 'open');
}

async function settled(container: DevContainer, ...statuses: string[]): Promise<StatusReport> {
  return await eventually(
    async () => {
      const report = await gatewayStatus(container);
      assert.ok(statuses.includes(report.status), `${report.status}: ${report.reason}`);
      return report;
    },
    `the status ${statuses.join(' or ')}`,
    longPatienceMs,
  );
}

/** Names a base image that is not here and cannot be fetched. */
const withoutBase = { MCP_GATEWAY_BASE_IMAGE: 'mcp-test-missing.invalid/node:0' };

describe('a dev container whose gateway is broken', () => {
  let container: DevContainer;
  let blocker: Server | undefined;

  before(removeLeftovers);
  afterEach(async () => {
    blocker?.close();
    blocker = undefined;
    await container.dispose();
  });

  it('opens when the program of the gateway exits at once, and status says so', async () => {
    container = await wired('exits');
    const program = path.join(container.folder, '.devcontainer/mcp-gateway/gateway.cjs');
    await writeFile(program, "console.error('error: broken on purpose');\nprocess.exit(3);\n");
    await opens(container);
    const { reason, next } = await settled(container, 'failed');
    assert.match(reason, /status 3/);
    assert.match(reason, /broken on purpose/);
    assert.match(next, /devcontainer-gateway (?:logs|up)/);
  });

  it('opens when servers.json is rubbish, and status names the place', async () => {
    container = await wired('rubbish');
    await writeFile(
      path.join(container.folder, '.devcontainer/mcp-gateway/servers.json'),
      '{ "servers": [[[ \n',
    );
    await opens(container);
    const { reason, next } = await settled(container, 'degraded', 'unhealthy', 'failed');
    assert.match(reason, /servers\.json/);
    assert.notEqual(next, '');
  });

  it('opens again without the base image once it has been opened', async () => {
    container = await wired('built');
    await opens(container);
    await docker('stop', '--time', '0', await container.container('app'));
    const offline = container.withEnv(withoutBase);
    await opens(offline);
    await settled(offline, 'healthy');
  });

  // The Dev Containers CLI builds the images of all services before the first container is made.
  it('does not open when the image has to be built and its base is missing, and up says which', async () => {
    container = await wired('offline');
    const offline = container.withEnv(withoutBase);
    const { code } = await offline.tryUp();
    assert.notEqual(code, 0);
    const up = await offline.cli('up');
    assert.equal(up.code, 1);
    assert.match(up.stderr, /mcp-test-missing\.invalid\/node:0/);
    assert.match(up.stderr, /Next: .*MCP_GATEWAY_BASE_IMAGE/);
    const { reason, next } = await settled(offline, 'absent', 'failed');
    assert.notEqual(reason, '');
    assert.match(next, /devcontainer-gateway up/);
  });

  it('says which port is taken when a fixed host port is not free, and how to go on', async () => {
    const port = await freePort();
    container = await wired('port', '--host-port', String(port));
    blocker = createServer().listen(port, '127.0.0.1');
    await once(blocker, 'listening');
    await container.tryUp();
    const { reason, next } = await settled(container, 'failed', 'stopped');
    assert.match(reason, new RegExp(String(port)));
    assert.match(next, /devcontainer-gateway (?:up|add)/);
    blocker.close();
    await once(blocker, 'close');
    await container.mustCli('up');
    await opens(container);
    await settled(container, 'healthy');
  });

  it('takes a free host port, so that a taken one is never in the way', async () => {
    container = await wired('free');
    await opens(container);
    const app = await container.container('mcp-gateway');
    assert.match(await docker('port', app, '8811/tcp'), /^127\.0\.0\.1:\d+$/m);
    assert.equal((await tryDocker('inspect', app)).code, 0);
  });
});
