import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { ChildProcesses } from '../../src/builtin/upstream/transports/child-processes';
import { pull } from '../../src/builtin/upstream/transports/container-image';
import { eventually } from '../support/eventually';
import { ownServer, startTestGateway, type TestGateway } from '../support/gateway';
import { processesWith } from '../support/processes';
import { RawClient } from '../support/raw-client';

interface Report {
  state: string;
  activity: string | null;
  error: { message: string; next: string } | null;
}

/** A `docker` that keeps what it is called with. `pull` waits for the file `go`, or fails where there is one named `fails`. */
const standIn = (folder: string): string => `#!/bin/sh
cd '${folder}'
echo "$*" >> calls
case "$1" in
image)
  [ -e here ] && exit 0
  echo "Error response from daemon: No such image: $5" >&2
  exit 1 ;;
pull)
  echo 'latest: Pulling from mcp/time'
  [ -e fails ] && echo 'Error response from daemon: manifest for mcp/time:latest not found' >&2 && exit 1
  while [ ! -e go ]; do sleep 0.05; done
  touch here ;;
run) exec ${[ownServer('asks').command, ...ownServer('asks').args].map((part) => `'${part}'`).join(' ')} ;;
esac
`;

describe('the image of a server in a container', () => {
  let folder: string;
  let gateway: TestGateway | undefined;
  const make = async (name: string): Promise<void> => writeFile(path.join(folder, name), '');
  const calls = async (): Promise<string[]> =>
    (await readFile(path.join(folder, 'calls'), 'utf8')).split('\n').map((line) => line.split(' ')[0] ?? '');
  const start = async (unsettled: boolean): Promise<TestGateway> => {
    gateway = await startTestGateway({
      servers: { time: { type: 'container', image: 'mcp/time' } },
      env: { PATH: `${folder}${path.delimiter}${process.env['PATH'] ?? ''}` },
      unsettled,
    });
    return gateway;
  };
  const report = async (): Promise<Report | undefined> => {
    const response = await gateway?.fetch('/api/servers');
    return ((await response?.json()) as { servers: Report[] }).servers[0];
  };
  const log = async (): Promise<string> => (await (await gateway?.fetch('/api/logs/time'))?.text()) ?? '';

  beforeEach(async () => {
    folder = await mkdtemp(path.join(os.tmpdir(), 'mcp-image-'));
    await writeFile(path.join(folder, 'docker'), standIn(folder), { mode: 0o755 });
  });
  afterEach(async () => {
    await gateway?.stop();
    gateway = undefined;
    await rm(folder, { recursive: true, force: true });
  });

  it('is pulled first where it is missing, and the report and the log say so', async () => {
    const client = await RawClient.open(await start(true));
    await eventually(async () => (await report())?.activity === 'pulling the image mcp/time');
    assert.equal((await report())?.state, 'starting');
    await eventually(async () => (await log()).includes('latest: Pulling from mcp/time'));
    assert.equal((await calls()).includes('run'), false);
    await make('go');
    await eventually(async () => (await report())?.state === 'ready');
    assert.equal((await report())?.activity, null);
    assert.match((await client.request('tools/list', '{}')).toString(), /"time__ask"/);
  });

  it('is not asked of a registry where it is there', async () => {
    await make('here');
    await start(false);
    assert.equal((await report())?.state, 'ready');
    assert.equal((await calls()).includes('pull'), false);
  });

  it('is named where it cannot be had, with the next step', async () => {
    await make('fails');
    await start(true);
    const { error } = await eventually(async () => {
      const one = await report();
      return one?.state === 'failed' && one;
    });
    assert.equal(
      error?.message,
      'The image mcp/time could not be pulled (manifest for mcp/time:latest not found).',
    );
    assert.match(error.next, /docker pull mcp\/time$/);
    assert.equal((await calls()).includes('run'), false);
  });

  it('is not pulled any further when its server is not wanted any more', async () => {
    const { process: child } = await start(true);
    await eventually(async () => (await calls()).includes('pull'));
    assert.equal(processesWith(`${folder}/docker`).length, 1);
    child.kill('SIGTERM');
    await eventually(() => child.exitCode !== null);
    assert.deepEqual(processesWith(`${folder}/docker`), []);
    assert.equal((await calls()).includes('run'), false);
  });

  it('has its time, and what was to get it is ended then', async () => {
    const processes = new ChildProcesses();
    const command = { command: path.join(folder, 'docker'), args: ['pull', 'x'], env: {}, cwd: folder };
    const { signal } = new AbortController();
    await assert.rejects(
      pull(processes, { command, image: 'x', log: () => undefined, signal, limitMs: 300 }),
      /The image x could not be pulled \(the pull took longer than/,
    );
    assert.deepEqual(processesWith(`${folder}/docker`), []);
    processes.dispose();
  });
});
