import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { eventually } from '../support/eventually';
import { startTestGateway, type TestGateway } from '../support/gateway';
import { processesWith } from '../support/processes';
import { RawClient } from '../support/raw-client';
import { figuresOf, measurable, type Figures } from './gateway-figures';
import { counted, patience, quantiles, soakServer, tell } from './soak';

const megabyte = 1024 * 1024;

interface Report {
  servers: { name: string; state: string; pid: number | null }[];
}

/** Figures at the start of a run, at half of it, at three quarters and at the end: nothing may have grown after the half. */
class Growth {
  readonly #taken: Figures[] = [];

  constructor(
    readonly count: number,
    readonly figures: () => Promise<Figures>,
  ) {}

  /** To be called with 0 before the run, and with its number after each step. */
  async after(step: number): Promise<void> {
    const moments = [0, 0.5, 0.75, 1].map((share) => Math.round(this.count * share));
    if (moments.includes(step)) this.#taken.push(await this.figures());
  }

  assertFlat(): void {
    const row = (of: (one: Figures) => number | string): string => this.#taken.map(of).join(' -> ');
    tell('at the start, half, three quarters and the end:');
    tell(`heap ${row(({ heap }) => (heap / megabyte).toFixed(1))} MB`);
    tell(`descriptors ${row((one) => one.descriptors)}, processes ${row((one) => one.processes)}`);
    const [, half, ...later] = this.#taken;
    assert.ok(half);
    assert.equal(later.length, 2);
    for (const now of later) {
      assert.equal(now.zombies, 0);
      assert.equal(now.processes, half.processes);
      assert.ok(now.descriptors <= half.descriptors + 4, `descriptors ${row((one) => one.descriptors)}`);
      assert.ok(now.heap < half.heap + 5 * megabyte, `heap ${row(({ heap }) => heap)}`);
    }
  }
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
    await eventually(async () => {
      const now = await state(name);
      return now?.state === 'ready' && now.pid !== pid && now.pid !== null ? now.pid : undefined;
    }, `a new process of ${name}`);
  /** What was replaced is gone when the two servers are all that is left. */
  const settled = async (): Promise<Figures> => {
    await eventually(() => processesWith(mark).length === 2, 'two processes');
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
    const growth = new Growth(reloads, settled);
    const times: number[] = [];
    await growth.after(0);
    for (let i = 1; i <= reloads; i += 1) {
      const edited = performance.now();
      await writeFile(file, JSON.stringify({ servers: { kept: entry('kept'), edited: entry(String(i)) } }));
      pid = await replaced('edited', pid);
      times.push(performance.now() - edited);
      await growth.after(i);
    }
    assert.equal((await state('kept'))?.pid, kept);
    tell(`from the edit to the new process: ${quantiles(times)}`);
    growth.assertFlat();
  }).timeout(patience(reloads, 3000));

  it(`leaves nothing behind in ${crashes} crashes`, async () => {
    const client = await RawClient.open(gateway);
    let pid = (await state('edited'))?.pid ?? null;
    const growth = new Growth(crashes, settled);
    await growth.after(0);
    for (let i = 1; i <= crashes; i += 1) {
      const answer = await client.request('tools/call', '{"name":"edited__crash","arguments":{}}');
      assert.match(answer.toString(), /exited with code 9/);
      // By itself it would come back too, later each time.
      await gateway.fetch('/api/servers/edited/restart', { method: 'POST' });
      pid = await replaced('edited', pid);
      await growth.after(i);
    }
    growth.assertFlat();
  }).timeout(patience(crashes, 3000));
});
