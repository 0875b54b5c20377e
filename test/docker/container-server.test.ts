import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { eventually } from '../support/eventually';
import { ownerLabel, runLabel } from '../../src/builtin/upstream/transports/container-command';
import { alive } from '../support/dev-container';
import { docker, lines, testImages, tryDocker } from '../support/docker';
import { root, startTestGateway, type TestGateway } from '../support/gateway';
import { RawClient } from '../support/raw-client';

/** Holds a Node and nothing that belongs to a server. */
const image = testImages.node;

const everything = {
  type: 'container',
  image,
  volumes: [`${root}/node_modules:/srv/node_modules:ro`],
  args: ['node', '/srv/node_modules/@modelcontextprotocol/server-everything/dist/index.js'],
};

/** The process that ends what a killed gateway leaves behind. */
async function watchdogOf(gateway: number): Promise<number> {
  for (const name of (await readdir('/proc')).filter((entry) => /^\d+$/.test(entry))) {
    const [stat, command] = await Promise.all(
      ['stat', 'cmdline'].map(async (file) => readFile(`/proc/${name}/${file}`, 'utf8').catch(() => '')),
    );
    if (stat?.split(') ')[1]?.split(' ')[1] === String(gateway) && command?.includes('mcp-gateway-watchdog'))
      return Number(name);
  }
  throw new Error('the gateway has no watchdog');
}

interface Report {
  servers: { name: string; state: string; pid: number | null; error: { message: string } | null }[];
}

/** Removes the servers of gateways that an earlier run has left, when their process is gone. */
async function removeLeftServers(): Promise<void> {
  const filters = ['--filter', `ancestor=${image}`, '--filter', `label=${runLabel}`];
  const format = `{{.ID}} {{.Label "${runLabel}"}}`;
  const found = lines(await docker('ps', '--all', ...filters, '--format', format));
  const left = found.flatMap((line) => {
    const [id = '', run = ''] = line.split(' ');
    return alive(Number(run.split('/')[1])) ? [] : [id];
  });
  if (left.length > 0) await tryDocker('rm', '--force', ...left);
}

describe('a server in a container', () => {
  let gateway: TestGateway | undefined;
  let state: string;
  const start = async (
    servers: Record<string, unknown>,
    env: Record<string, string> = {},
  ): Promise<TestGateway> => {
    const args = ['--state', state, ...Object.keys(env).flatMap((name) => ['--env', name])];
    gateway = await startTestGateway({ servers, args, env });
    return gateway;
  };
  const call = async (client: RawClient, tool: string, args: object): Promise<string> =>
    (
      await client.request('tools/call', JSON.stringify({ name: `one__${tool}`, arguments: args }))
    ).toString();
  const report = async (): Promise<Report['servers'][number] | undefined> => {
    const response = await gateway?.fetch('/api/servers');
    return ((await response?.json()) as Report).servers[0];
  };
  /** Those that the gateways of this test made, by its state folder, and that are still there. */
  const containers = async (): Promise<string[]> => {
    const owner = createHash('sha256').update(state).digest('hex').slice(0, 16);
    return lines(await docker('ps', '--all', '--quiet', '--filter', `label=${ownerLabel}=${owner}`));
  };

  before(removeLeftServers);
  beforeEach(async () => {
    state = await mkdtemp(path.join(os.tmpdir(), 'mcp-containers-'));
  });
  afterEach(async () => {
    await gateway?.stop();
    const left = await containers();
    if (left.length > 0) await tryDocker('rm', '--force', ...left);
    await rm(state, { recursive: true, force: true });
  });

  it('serves, shut in, and leaves nothing when the gateway ends', async () => {
    const client = await RawClient.open(
      await start({ one: { ...everything, memory: '300m', network: 'none' } }),
    );
    assert.match(await call(client, 'echo', { message: 'inside' }), /Echo: inside/);
    const [id = ''] = await containers();
    const format =
      '{{.HostConfig.Memory}} {{.HostConfig.PidsLimit}} {{.HostConfig.CapDrop}} {{.HostConfig.SecurityOpt}} {{.HostConfig.NetworkMode}}';
    assert.equal(
      (await docker('inspect', '--format', format, id)).trim(),
      '314572800 256 [ALL] [no-new-privileges] none',
    );
    await gateway?.stop();
    await eventually(async () => (await containers()).length === 0);
  });

  it('gets its secret without anybody seeing it in the arguments of a command', async () => {
    const secret = 'secret-of-the-container';
    const started = await start(
      { one: { ...everything, env: { API_TOKEN: '${CONTAINER_TOKEN}' } } },
      { CONTAINER_TOKEN: secret },
    );
    const client = await RawClient.open(started);
    assert.match(await call(client, 'get-env', {}), new RegExp(secret));
    const { pid } = (await report()) ?? {};
    const commandLine = await readFile(`/proc/${pid}/cmdline`, 'utf8');
    assert.match(commandLine, /docker\0run\0/);
    assert.equal(commandLine.includes(secret), false);
  });

  describe('that heeds neither its input nor a signal', () => {
    const stubborn = {
      type: 'container',
      image,
      volumes: [`${root}/test/support/servers:/servers:ro`],
      args: ['node', '/servers/nasty.mjs', 'stubborn'],
    };
    const kill = async (): Promise<void> => {
      const killed = gateway?.process;
      const exit = killed && once(killed, 'exit');
      killed?.kill('SIGKILL');
      await exit;
    };
    const gone = async (id: string | undefined): Promise<boolean> => !(await containers()).includes(id ?? '');

    it('is removed at a restart, and when the gateway is killed', async () => {
      await start({ one: stubborn });
      const [first] = await containers();
      await gateway?.fetch('/api/servers/one/restart', { method: 'POST' });
      await eventually(async () => (await report())?.state === 'ready' && (await gone(first)));
      assert.equal((await containers()).length, 1);
      await kill();
      await eventually(async () => (await containers()).length === 0);
    });

    it('is removed at the next start when nobody was left to see the gateway killed', async () => {
      const { pid = 0 } = (await start({ one: stubborn })).process;
      const [left] = await containers();
      process.kill(await watchdogOf(pid), 'SIGKILL');
      await kill();
      assert.equal(await gone(left), false);
      await start({ one: stubborn });
      await eventually(async () => gone(left));
      assert.equal((await containers()).length, 1);
    });
  });

  it('says so when its image cannot be had', async () => {
    await start({ one: { type: 'container', image: 'mcp-test-missing.invalid/none:0' } });
    const { state: now, error } = (await report()) ?? {};
    assert.equal(now, 'failed');
    assert.match(error?.message ?? '', /The image mcp-test-missing\.invalid\/none:0 could not be pulled/);
  });
});
