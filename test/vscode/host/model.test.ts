import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { eventually } from '../../support/eventually';
import { answeringModel } from '../support/answering-model';

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
    await eventually(() => owned() <= before + 3, 10_000, 'sockets and timers being gone');
    await rm(folder, { recursive: true, force: true });
  });
});
