import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { eventually } from '../support/eventually';
import { startTestGateway, type TestGateway } from '../support/gateway';
import { processesWith } from '../support/processes';
import { RawClient } from '../support/raw-client';
import { figuresOf, measurable, type Figures } from './gateway-figures';
import { counted, patience, soakServer, tell } from './soak';

const megabyte = 1024 * 1024;

interface Report {
  servers: { name: string; state: string; pid: number | null }[];
}

/** Both halves of a run measured: nothing may have grown in the second. */
function assertFlat(half: Figures, end: Figures): void {
  tell(`heap ${(half.heap / megabyte).toFixed(1)} -> ${(end.heap / megabyte).toFixed(1)} MB`);
  tell(
    `descriptors ${half.descriptors} -> ${end.descriptors}, processes ${half.processes} -> ${end.processes}`,
  );
  assert.equal(end.zombies, 0);
  assert.equal(end.processes, half.processes);
  assert.ok(end.descriptors <= half.descriptors + 4, `descriptors ${half.descriptors} -> ${end.descriptors}`);
  assert.ok(end.heap < half.heap + 5 * megabyte, `heap ${half.heap} -> ${end.heap}`);
}

describe('a gateway whose servers come and go', () => {
  const [reloads, crashes] = [counted(1000), counted(200)];
  const mark = `mark-soak-${process.pid}`;
  const probe = path.join(os.tmpdir(), `mcp-soak-${process.pid}`);
  let gateway: TestGateway;

  const entry = (edit: string): object => ({ ...soakServer(edit), env: { TEST_MARK: mark } });
  const state = async (name: string): Promise<Report['servers'][number] | undefined> => {
    const report = (await (await gateway.fetch('/api/servers')).json()) as Report;
    return report.servers.find((server) => server.name === name);
  };
  const replaced = async (name: string, pid: number | null): Promise<number> =>
    await eventually(
      async () => {
        const now = await state(name);
        return now?.state === 'ready' && now.pid !== pid && now.pid !== null ? now.pid : undefined;
      },
      20_000,
      `a new process of ${name}`,
    );
  /** What was replaced is gone when the two servers are all that is left. */
  const settled = async (): Promise<Figures> => {
    await eventually(() => processesWith(mark).length === 2, 10_000, 'two processes');
    return await figuresOf(gateway, probe, mark);
  };

  before(async () => {
    gateway = await startTestGateway({
      servers: { kept: entry('kept'), edited: entry('0') },
      env: measurable(probe),
    });
  });
  after(async () => gateway.stop());

  it(`leaves nothing behind in ${reloads} reloads`, async () => {
    const file = path.join(gateway.folder, 'servers.json');
    const kept = (await state('kept'))?.pid;
    let pid = (await state('edited'))?.pid ?? null;
    let half: Figures | undefined;
    for (let i = 1; i <= reloads; i += 1) {
      await writeFile(file, JSON.stringify({ servers: { kept: entry('kept'), edited: entry(String(i)) } }));
      pid = await replaced('edited', pid);
      if (i === Math.floor(reloads / 2)) half = await settled();
    }
    assert.equal((await state('kept'))?.pid, kept);
    assert.ok(half);
    assertFlat(half, await settled());
  }).timeout(patience(reloads, 3000));

  it(`leaves nothing behind in ${crashes} crashes`, async () => {
    const client = await RawClient.open(gateway);
    let pid = (await state('edited'))?.pid ?? null;
    let half: Figures | undefined;
    for (let i = 1; i <= crashes; i += 1) {
      const answer = await client.request('tools/call', '{"name":"edited__crash","arguments":{}}');
      assert.match(answer.toString(), /exited with code 9/);
      // By itself it would come back too, later each time.
      await gateway.fetch('/api/servers/edited/restart', { method: 'POST' });
      pid = await replaced('edited', pid);
      if (i === Math.floor(crashes / 2)) half = await settled();
    }
    assert.ok(half);
    assertFlat(half, await settled());
  }).timeout(patience(crashes, 3000));
});
