import assert from 'node:assert/strict';
import { cp, mkdtemp, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { GatewayModel } from '../../../src/editor/model';
import { run } from '../../../src/platform/run';
import { eventually } from '../../support/eventually';
import { root } from '../../support/gateway';
import { answeringModel } from '../support/answering-model';

/** Without an engine there is nothing to listen to; the script that runs the tests says so. */
const itWithEngine = (title: string, test: () => Promise<void>): void => {
  if (process.env['MCP_TEST_ENGINE']) it(title, test);
};

describe('the model', () => {
  it('leaves no socket and no timer when it is disposed', async () => {
    const folder = await mkdtemp(path.join(os.tmpdir(), 'mcpt-ve-model-'));
    const owned = (): number =>
      process.getActiveResourcesInfo().filter((kind) => ['TCPSocketWrap', 'Timeout'].includes(kind)).length;
    const before = owned();
    const models = await Promise.all(Array.from({ length: 8 }, async () => await answeringModel(folder)));
    for (const { catalogue } of models) {
      catalogue.follow();
      await catalogue.tools();
    }
    assert.ok(owned() >= before + 8);
    for (const model of models) model.dispose();
    // Timers of the editor itself come and go; eight models would leave far more.
    await eventually(() => owned() <= before + 3, 'sockets and timers being gone');
    await rm(folder, { recursive: true, force: true });
  });

  itWithEngine('leaves no socket of the engine and no child when it is disposed on the host', async () => {
    const base = await mkdtemp(path.join(os.tmpdir(), 'mcpt-ve-model-'));
    const folder = path.join(base, 'project');
    await cp(path.join(root, 'test/fixtures/devcontainers/javascript-node-postgres'), folder, {
      recursive: true,
    });
    const env = { PATH: process.env['PATH'], HOME: process.env['HOME'], XDG_STATE_HOME: base };
    const cli = path.join(root, 'dist/cli.js');
    const added = await run(process.execPath, [cli, 'add', '--yes', '--no-start'], { cwd: folder, env });
    assert.equal(added.code, 0, added.stderr);
    const owned = (): number =>
      process.getActiveResourcesInfo().filter((kind) => ['PipeWrap', 'ProcessWrap'].includes(kind)).length;
    const before = owned();
    const models = Array.from(
      { length: 5 },
      () => new GatewayModel({ folder, place: 'host', env, log: { log: () => undefined } }),
    );
    for (const model of models) {
      await model.refresh();
      await eventually(() => model.engine === true && model.state?.status === 'absent');
    }
    await eventually(() => owned() >= before + 5, 'the engine being listened to');
    for (const model of models) model.dispose();
    await eventually(() => owned() <= before, 'sockets and children being gone');
    await rm(base, { recursive: true, force: true });
  });
});
