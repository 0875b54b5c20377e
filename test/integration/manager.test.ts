import { builtin } from '../../src/kinds/builtin/kind';
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer, type AddressInfo } from 'node:net';
import { access, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import * as v from 'valibot';
import { LocalProcessManager } from '../../src/gateway/local/process';
import { processFiles, readRecord, removeRecord, writeRecord } from '../../src/gateway/local/record';
import { processIdentity } from '../../src/platform/process-identity';
import { run } from '../../src/platform/run';
import { workspaceStateDir } from '../../src/platform/state';
import { freePort } from '../support/everything-http';
import { eventually } from '../support/eventually';
import { processesWith } from '../support/processes';

const dist = path.resolve(__dirname, '../../dist');
const Status = v.object({
  status: v.string(),
  url: v.optional(v.nullable(v.string())),
  reason: v.optional(v.string()),
  next: v.optional(v.string()),
  placement: v.object({ kind: v.string(), pid: v.optional(v.nullable(v.number())) }),
});

describe('a gateway as a process of this machine', () => {
  let folder: string;
  let workspace: string;
  let env: NodeJS.ProcessEnv;

  beforeEach(async () => {
    folder = await mkdtemp(path.join(os.tmpdir(), 'manager-'));
    workspace = path.join(folder, 'work space');
    const ours = path.join(workspace, '.devcontainer', 'mcp-gateway');
    await mkdir(ours, { recursive: true });
    const sample = {
      type: 'stdio',
      command: process.execPath,
      args: [path.join(dist, 'gateway.cjs'), '--sample-server'],
    };
    await writeFile(path.join(ours, 'servers.json'), JSON.stringify({ servers: { sample } }));
    env = { PATH: process.env['PATH'], HOME: folder, XDG_STATE_HOME: path.join(folder, 'state') };
  });

  afterEach(async () => {
    await cli('down', '--local');
    await rm(folder, { recursive: true, force: true });
  });

  async function cli(...args: string[]) {
    return await run(process.execPath, [path.join(dist, 'cli.js'), ...args], { cwd: workspace, env });
  }

  async function status(...args: string[]) {
    const { stdout, stderr, code } = await cli(...(args.length === 0 ? ['status'] : args), '--json');
    assert.equal(code, 0, stderr + stdout);
    return v.parse(Status, JSON.parse(stdout));
  }

  it('is started, found by the other verbs, restarted and stopped', async () => {
    const up = await status('up', '--local');
    assert.deepEqual([up.status, up.placement.kind], ['healthy', 'process']);
    assert.match((await cli('tools')).stdout, /sample__echo/);
    assert.match((await cli('servers')).stdout, /sample +ready/);
    assert.match((await cli('logs')).stdout, /"sample" is ready/);
    assert.match((await cli('restart', 'sample')).stdout, /sample +ready/);
    const again = await status('restart');
    assert.notEqual(again.placement.pid, up.placement.pid);
    assert.equal((await status('down')).status, 'stopped');
    const { code, stderr } = await cli('tools');
    assert.equal(code, 1);
    assert.match(stderr, /Next: .*up/);
  });

  it('is started once, however often it is asked for', async () => {
    const first = await status('up', '--local');
    assert.equal((await status('up', '--local')).placement.pid, first.placement.pid);
  });

  it('is started once when it is asked for twice at the same time, and after a start that was killed', async () => {
    const { lockFile, stateDir } = processFiles(await workspaceStateDir(workspace, env));
    await mkdir(stateDir, { recursive: true });
    await writeFile(
      lockFile,
      JSON.stringify({ owner: { pid: process.pid, identity: 'of another time', id: 'x' } }),
    );
    const [one, two] = await Promise.all([status('up', '--local'), status('up', '--local')]);
    assert.equal(one.placement.pid, two.placement.pid);
    assert.equal(processesWith(stateDir).length, 1);
    await assert.rejects(access(lockFile), { code: 'ENOENT' });
  });

  it('keeps the names of its variables when it is restarted, and takes no value for a name', async () => {
    env = { ...env, SEEN_BY_SERVERS: 'a', MCP_GATEWAY_ADMIN_TOKEN: 'the-token-of-another-gateway' };
    const { placement } = await status('up', '--local', '--env', 'SEEN_BY_SERVERS');
    const again = await status('restart', '--local');
    assert.notEqual(again.placement.pid, placement.pid);
    const argumentsOf = await readFile(`/proc/${again.placement.pid ?? 0}/cmdline`, 'latin1');
    assert.match(argumentsOf, /--env\0SEEN_BY_SERVERS\0/);
    const environment = await readFile(`/proc/${again.placement.pid ?? 0}/environ`, 'latin1');
    assert.doesNotMatch(environment, /ADMIN_TOKEN/);
    for (const verb of [['up', '--local'], ['serve']]) {
      const { code, stdout, stderr } = await cli(...verb, '--env', 'NAME=s3cr3t');
      assert.equal(code, 2);
      assert.doesNotMatch(stdout + stderr, /s3cr3t/);
    }
  });

  it('keeps its token from one start to the next', async () => {
    await status('up', '--local');
    const file = path.join(processFiles(await workspaceStateDir(workspace, env)).tokenFile);
    const token = await readFile(file, 'utf8');
    await status('restart', '--local');
    assert.equal(await readFile(file, 'utf8'), token);
  });

  it('is told as failed, with the next step, when it was killed', async () => {
    const { placement } = await status('up', '--local');
    process.kill(placement.pid ?? 0, 'SIGKILL');
    const after = await eventually(async () => {
      const seen = await status();
      return seen.status === 'failed' && seen;
    });
    assert.match(after.reason ?? '', /ended by itself/);
    assert.match(after.next ?? '', /up --local/);
    assert.equal((await status('up', '--local')).status, 'healthy');
  });

  it('is told as unreachable, and as a problem by the doctor, when it hangs', async () => {
    const hanging = createServer((socket) => socket.on('error', () => undefined).resume()).listen(
      0,
      '127.0.0.1',
    );
    await once(hanging, 'listening');
    const { port } = hanging.address() as AddressInfo;
    const files = processFiles(await workspaceStateDir(workspace, env));
    await mkdir(files.stateDir, { recursive: true });
    const identity = (await processIdentity(process.pid)) ?? '';
    await writeRecord(files, {
      pid: process.pid,
      identity,
      startedAt: '2026-01-01T00:00:00.000Z',
      variables: [],
    });
    const listening = { event: 'listening', url: `http://127.0.0.1:${port}/mcp`, pid: process.pid };
    try {
      await writeFile(files.logFile, JSON.stringify(listening));
      assert.equal((await status()).status, 'unreachable');
      const { code, stdout } = await cli('doctor');
      assert.equal(code, 1);
      assert.match(stdout, /PROBLEM +gateway\.state +it is unreachable/);
      await writeFile(files.logFile, '');
      const mute = await status();
      assert.deepEqual([mute.status, mute.url], ['unreachable', null]);
    } finally {
      await removeRecord(files);
      hanging.close();
      await once(hanging, 'close');
    }
  });

  it('is told as unreachable when nothing is at the address that names it', async () => {
    // An empty variable names nothing.
    env = { ...env, MCP_GATEWAY: '', MCP_GATEWAY_URL: `http://127.0.0.1:${await freePort()}/mcp` };
    const { status: seen, placement } = await status();
    assert.deepEqual([seen, placement.kind], ['unreachable', 'remote']);
    delete env['MCP_GATEWAY_URL'];
  });

  it('tells why it cannot start', async () => {
    const files = processFiles(await workspaceStateDir(workspace, env));
    await mkdir(files.stateDir, { recursive: true });
    await writeFile(files.tokenFile, 'short\n');
    const { code, stderr } = await cli('up', '--local');
    assert.equal(code, 1);
    assert.match(stderr, /error: .*token in .* is not valid/);
  });

  it('never ends a process that got its id later', async () => {
    const stranger = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)'], { stdio: 'ignore' });
    try {
      const files = processFiles(await workspaceStateDir(workspace, env));
      const pid = stranger.pid ?? 0;
      await writeRecord(files, {
        pid,
        identity: 'of another time',
        startedAt: new Date().toISOString(),
        variables: [],
      });
      assert.equal((await status()).status, 'failed');
      assert.equal((await status('down')).status, 'stopped');
      assert.equal(await readRecord(files), undefined);
      assert.equal(stranger.exitCode, null);
      process.kill(pid, 0);
    } finally {
      stranger.kill('SIGKILL');
    }
  });

  it('refuses to restart what does not run, and to guess that a process is wanted', async () => {
    for (const [verb, next] of [
      ['restart', /up --local/],
      ['up', /up --local/],
    ] as const) {
      const { code, stderr } = await cli(verb);
      assert.equal(code, 1);
      assert.match(stderr, next);
    }
    assert.equal((await status()).status, 'stopped');
  });

  it('is managed from inside a dev container by its address alone', async () => {
    const { url } = await status('up', '--local');
    const files = processFiles(await workspaceStateDir(workspace, env));
    const inside = {
      ...env,
      MCP_GATEWAY_URL: url ?? '',
      MCP_GATEWAY_AUTH_TOKEN: (await readFile(files.tokenFile, 'utf8')).trim(),
    };
    const there = async (...args: string[]) =>
      await run(process.execPath, [path.join(dist, 'cli.js'), ...args], { cwd: folder, env: inside });
    assert.match((await there('status')).stdout, /gateway +healthy/);
    assert.match((await there('restart', 'sample')).stdout, /sample +ready/);
    assert.match((await there('logs', 'gateway')).stdout, /"sample" is ready/);
    for (const verb of ['up', 'down']) {
      const { code, stdout } = await there(verb, '--json');
      assert.equal(code, 1);
      const { error } = v.parse(
        v.object({ error: v.object({ code: v.string(), next: v.string() }) }),
        JSON.parse(stdout),
      );
      assert.equal(error.code, 'no-engine');
      assert.match(error.next, /on the machine that has the container engine/);
    }
    assert.equal((await there('status', '--bogus')).code, 2);
  });

  it('tells its manager of servers and of its end as they happen', async () => {
    await status('up', '--local');
    const files = processFiles(await workspaceStateDir(workspace, env));
    const settings = { workspace, servers: '', files, program: '', variables: [] };
    const manager = new LocalProcessManager(settings, env, builtin);
    const controller = new AbortController();
    const lines: string[] = [];
    const reading = (async () => {
      const options = { follow: true, tail: 5, signal: controller.signal };
      for await (const line of manager.logs(undefined, options)) lines.push(line);
    })();
    await manager.restartServer('sample', controller.signal);
    await eventually(() => lines.filter((line) => line.includes('"sample\\" is ready')).length >= 2);
    controller.abort();
    await reading;
  });
});
