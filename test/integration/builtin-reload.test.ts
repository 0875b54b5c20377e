import assert from 'node:assert/strict';
import { rename, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { eventually } from '../support/eventually';
import { ownServer, startTestGateway, type TestGateway } from '../support/gateway';
import { processesWith } from '../support/processes';
import { RawClient } from '../support/raw-client';

interface Report {
  gateway: { problem: { message: string } | null };
  servers: { name: string; state: string; pid: number }[];
}

describe('servers.json, edited while the gateway runs', () => {
  let gateway: TestGateway;
  let file: string;
  const mark = `mark-reload-${process.pid}`;

  const entry = (kind: string, extra = ''): object => ({
    ...ownServer('nasty', 'good', `${kind}${extra}`),
    env: { TEST_MARK: mark },
  });
  const text = (servers: object): string => JSON.stringify({ servers });
  const report = async (): Promise<Report> => (await (await gateway.fetch('/api/servers')).json()) as Report;
  const pidOf = async (name: string): Promise<number | undefined> =>
    (await report()).servers.find((server) => server.name === name && server.state === 'ready')?.pid;

  before(async () => {
    gateway = await startTestGateway({
      servers: { kept: entry('kept'), changed: entry('changed'), gone: entry('gone') },
    });
    file = path.join(gateway.folder, 'servers.json');
  });
  after(async () => gateway.stop());

  it('restarts what changed, starts what is new, ends what is gone and leaves the rest alone', async () => {
    const [kept, changed, gone] = [await pidOf('kept'), await pidOf('changed'), await pidOf('gone')];
    await writeFile(
      file,
      text({ kept: entry('kept'), changed: entry('changed', '-now'), added: entry('added') }),
    );
    await eventually(
      async () =>
        (await pidOf('added')) !== undefined &&
        (await pidOf('changed')) !== undefined &&
        (await pidOf('changed')) !== changed,
    );
    assert.equal(await pidOf('kept'), kept);
    await eventually(
      () => !processesWith(mark).includes(gone ?? -1) && !processesWith(mark).includes(changed ?? -1),
    );
    const client = await RawClient.open(gateway);
    assert.match(
      (await client.request('tools/call', '{"name":"changed__ping","arguments":{}}')).toString(),
      /ping of changed-now/,
    );
    assert.match(
      (await client.request('tools/call', '{"name":"gone__ping","arguments":{}}')).toString(),
      /Unknown tool: gone__ping/,
    );
  });

  it('keeps the last good state while the file is broken, says so, and recovers when it is replaced by rename', async () => {
    const kept = await pidOf('kept');
    await writeFile(file, '{ "servers": ');
    const { problem } = (
      await eventually(async () => {
        const now = await report();
        return now.gateway.problem ? now : undefined;
      })
    ).gateway;
    assert.match(problem?.message ?? '', /servers\.json:1:/);
    assert.equal(await pidOf('kept'), kept);
    await writeFile(`${file}.new`, text({ kept: entry('kept') }));
    await rename(`${file}.new`, file);
    await eventually(
      async () => (await report()).gateway.problem === null && (await report()).servers.length === 1,
    );
    assert.equal(await pidOf('kept'), kept);
  });

  it('is overlaid by the personal file as soon as that is there', async () => {
    const personal = path.join(gateway.folder, 'servers.local.json');
    await writeFile(personal, text({ mine: entry('mine') }));
    await eventually(async () => (await pidOf('mine')) !== undefined);
    await rm(personal);
    await eventually(async () => (await report()).servers.length === 1);
  });
});
