import assert from 'node:assert/strict';
import { cp, mkdtemp, rm } from 'node:fs/promises';
import type { NetConnectOpts } from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { GatewayModel } from '../../../src/editor/model';
import { run } from '../../../src/platform/run';
import { eventually } from '../../support/eventually';
import { forward } from '../../support/forwarder';
import { root } from '../../support/gateway';
import { processesWith } from '../../support/processes';
import { answeringModel } from '../support/answering-model';

/** Without an engine there is nothing to listen to; the script that runs the tests says so. */
const itWithEngine = (title: string, test: () => Promise<void>): void => {
  if (process.env['MCP_TEST_ENGINE']) it(title, test);
};

/** The engine's own address, which `docker` knows. */
async function engineAddress(): Promise<NetConnectOpts> {
  const { code, stdout, stderr } = await run('docker', [
    'context',
    'inspect',
    '--format',
    '{{.Endpoints.docker.Host}}',
  ]);
  assert.equal(code, 0, stderr);
  const url = new URL(stdout.trim());
  return url.protocol === 'unix:' ? { path: url.pathname } : { host: url.hostname, port: Number(url.port) };
}

describe('the model', () => {
  let base: string;

  beforeEach(async () => (base = await mkdtemp(path.join(os.tmpdir(), 'mcpt-ve-model-'))));
  afterEach(async () => await rm(base, { recursive: true, force: true }));

  it('leaves no socket and no timer when it is disposed', async () => {
    const address = new URL(process.env['MCP_GATEWAY_URL'] ?? '');
    const way = await forward({ host: address.hostname, port: Number(address.port) });
    address.port = String(way.port);
    const timers = (): number => process.getActiveResourcesInfo().filter((kind) => kind === 'Timeout').length;
    const before = timers();
    const env = { ...process.env, MCP_GATEWAY_URL: address.href };
    const models = await Promise.all(Array.from({ length: 8 }, async () => await answeringModel(base, env)));
    for (const { catalogue } of models) {
      catalogue.follow();
      await catalogue.tools();
    }
    assert.ok(way.open() >= models.length);
    for (const model of models) model.dispose();
    await eventually(() => way.open() === 0, 'sockets being gone');
    // Timers of the editor itself come and go; what every model leaves would be as many as there are models.
    await eventually(() => timers() < before + models.length, 'timers being gone');
    await way.stop();
  });

  itWithEngine('leaves no socket of the engine and no child when it is disposed on the host', async () => {
    const folder = path.join(base, 'project');
    await cp(path.join(root, 'test/fixtures/devcontainers/javascript-node-postgres'), folder, {
      recursive: true,
    });
    const socket = path.join(base, 'engine.sock');
    const way = await forward(await engineAddress(), socket);
    const shell = { PATH: process.env['PATH'], HOME: process.env['HOME'], XDG_STATE_HOME: base };
    const env = { ...shell, DOCKER_HOST: `unix://${socket}` };
    const cli = path.join(root, 'dist/cli.js');
    const added = await run(process.execPath, [cli, 'add', '--yes', '--no-start'], { cwd: folder, env });
    assert.equal(added.code, 0, added.stderr);
    const models = Array.from(
      { length: 5 },
      () => new GatewayModel({ folder, place: 'host', env, log: { log: () => undefined } }),
    );
    for (const model of models) {
      await model.refresh();
      await eventually(() => model.engine === true && model.state?.status === 'absent');
    }
    await eventually(() => way.open() >= models.length, 'the engine being listened to');
    for (const model of models) model.dispose();
    await eventually(() => way.open() === 0, 'sockets being gone');
    // A child of a model has the state folder in its environment.
    await eventually(() => processesWith(base).length === 0, 'children being gone');
    await way.stop();
  });
});
