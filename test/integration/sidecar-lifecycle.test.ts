import { builtin } from '../../src/kinds/builtin/kind';
import { builtinSidecar } from '../../src/kinds/builtin/sidecar';
import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { cp, rm, symlink, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { add } from '../../src/cli/add';
import { plan } from '../../src/cli/plan';
import { remove } from '../../src/cli/remove';
import { sidecarHooks } from '../../src/cli/sidecar-hooks';
import { type ComposeDevContainer, readDevContainer, requireCompose } from '../../src/devcontainer/read';
import { JournaledChange } from '../../src/devcontainer/apply';
import { journalPath } from '../../src/devcontainer/journal';
import { prepareAdd } from '../../src/devcontainer/wiring';
import { ContainerManager } from '../../src/gateway/sidecar/manager';
import { DockerRuntime } from '../../src/gateway/engine/docker-runtime';
import { findEngine, thisMachine } from '../../src/gateway/engine/endpoint';
import { processFiles, writeRecord } from '../../src/gateway/local/record';
import { prestartSidecar } from '../../src/gateway/sidecar/prestart';
import { removeContainerHere, teardownHere } from '../../src/gateway/sidecar/teardown';
import { GatewayStore } from '../../src/gateway/watch/store';
import { locateWorkspaceGateway } from '../../src/gateway/workspace';
import { settle, watchGateway } from '../../src/gateway/watch/watch';
import { AppError, nextTextOf } from '../../src/platform/errors';
import { processIdentity } from '../../src/platform/process-identity';
import { workspaceStateDir } from '../../src/platform/state';
import { eventually } from '../support/eventually';
import { type CliResult, runVerb } from '../support/cli';
import { composeLabelsOf, FakeEngine, ourLabels } from '../support/fake-engine';
import { treeListing } from '../support/tree-hash';
import * as wiring from '../support/wiring';
import { step } from '../../src/platform/next-step';

describe('the sidecar in the engine', () => {
  const project = 'project_devcontainer';
  const state = `${project}_mcp-gateway-state`;
  let engine: FakeEngine;
  let bench: wiring.Workbench;
  let env: NodeJS.ProcessEnv;

  beforeEach(async () => {
    engine = await FakeEngine.start();
    bench = await wiring.workbench('node-postgres');
    // Without PATH there is no Compose.
    Object.assign(bench.target.env, engine.env, { PATH: '' });
    ({ env } = bench.target);
  });
  afterEach(async () => {
    await engine.stop();
    await bench.dispose();
  });

  const at = (name: string): string => path.join(bench.workspace, '.devcontainer', name);
  const devContainer = async (): Promise<ComposeDevContainer> =>
    requireCompose(await readDevContainer(at('devcontainer.json'), bench.workspace, env));
  /** A Compose that says its version, and that all it is told went well. */
  const bringCompose = async (): Promise<void> => {
    await writeFile(path.join(bench.folder, 'docker'), '#!/bin/sh\necho 2.30.0\n', { mode: 0o755 });
    env['PATH'] = `${bench.folder}:/bin:/usr/bin`;
  };
  const removeHere = async (options = { yes: true }): Promise<CliResult> =>
    await runVerb(async (io) => await remove(io, options, sidecarHooks(io)), { env, cwd: bench.workspace });
  const signal = new AbortController().signal;

  describe('when a try to start it fails', () => {
    it('loses nothing that was there before: its volumes hold secrets', async () => {
      engine.resources.volumes.push({ name: state, labels: ourLabels(project) });
      engine.resources.images.push({ name: 'sha256:old', labels: ourLabels(project) });
      const program = async (): Promise<Buffer> => Buffer.from('// gateway\n');
      const result = await runVerb(
        async (io) => await add(io, { yes: true }, { ...sidecarHooks(io), program }),
        { env, cwd: bench.workspace },
      );
      assert.match(result.stderr, /Docker Compose was not found/);
      assert.deepEqual(engine.changes, []);
      assert.ok(!existsSync(at('docker-compose.mcp-gateway.yml')), 'the files were taken back');
    });

    it('loses what the try made', async () => {
      engine.resources.volumes.push({ name: state, labels: ourLabels(project) });
      await wiring.add(bench.target);
      const made = `${project}-mcp-gateway-1`;
      const progress = (): void => {
        const labels = composeLabelsOf(project, 'mcp-gateway', at('docker-compose.mcp-gateway.yml'));
        engine.containers = [{ name: made, labels }];
        engine.resources.volumes.push({ name: `${project}_new`, labels: ourLabels(project) });
        throw new Error('it failed half-way');
      };
      // What is told first, after Compose was found, is that the token was written.
      await rm(at('mcp-gateway/token.env'));
      await bringCompose();
      await assert.rejects(
        prestartSidecar(await devContainer(), env, builtin, { signal, progress }),
        /it failed half-way/,
      );
      assert.deepEqual(engine.changes, [`DELETE /containers/${made}`, `DELETE /volumes/${project}_new`]);
    });
  });

  it('says what a cancelled try could not take away again', async () => {
    await wiring.add(bench.target);
    await rm(at('mcp-gateway/token.env'));
    await bringCompose();
    let stopped: Promise<void> | undefined;
    const progress = (): void => {
      stopped ??= engine.stop();
      throw new AppError('cancelled', 'Cancelled.');
    };
    await assert.rejects(prestartSidecar(await devContainer(), env, builtin, { signal, progress }), {
      code: 'internal',
      message: /^Cancelled\. What the start created could not be removed: .*does not answer/,
    });
    await stopped;
  });

  it('loses its container alone when an interrupted add is taken back, whatever the verb', async () => {
    const choices = {
      clients: [],
      hostPort: undefined,
      sidecar: builtinSidecar(Buffer.from('// gateway\n')),
    };
    const { edits, container } = await prepareAdd(bench.target, choices);
    const stateDir = await workspaceStateDir(bench.workspace, env);
    const change = await JournaledChange.begin(
      stateDir,
      { operation: 'add', config: container.configPath },
      edits,
    );
    await change.apply(edits.filter(({ stage }) => stage === 'sidecar'));
    // As if the process that wrote it were another one, which is gone.
    await wiring.edit(journalPath(stateDir), (text) => text.replace(/"id":"[^"]+"/, '"id":"killed"'));
    const labels = composeLabelsOf(project, 'mcp-gateway', at('docker-compose.mcp-gateway.yml'));
    engine.containers = [{ name: 'made', labels }];
    engine.resources.volumes.push({ name: state, labels: ourLabels(project) });
    const result = await runVerb(
      async (io) =>
        await plan(
          io,
          {},
          { ...sidecarHooks(io), program: () => Promise.resolve(Buffer.from('// gateway\n')) },
        ),
      { env, cwd: bench.workspace },
    );
    assert.match(result.stderr, /An interrupted add was undone/);
    assert.deepEqual(engine.changes, ['DELETE /containers/made']);
  });

  describe('beside another folder that has the same Compose project', () => {
    let other: string;
    let container: string;

    beforeEach(async () => {
      await wiring.add(bench.target);
      other = path.join(bench.folder, 'other/project/.devcontainer');
      await cp(path.join(bench.workspace, '.devcontainer'), other, { recursive: true });
      const file = path.join(other, 'docker-compose.mcp-gateway.yml');
      container = `${project}-mcp-gateway-1`;
      engine.containers = [{ name: container, labels: composeLabelsOf(project, 'mcp-gateway', file) }];
      engine.resources.volumes.push({ name: state, labels: ourLabels(project) });
    });

    const manager = async (): Promise<ContainerManager> =>
      new ContainerManager(await devContainer(), await findEngine(thisMachine(env)), env, builtin);
    const conflict = (error: AppError): boolean =>
      error.code === 'conflict' &&
      error.message.includes(other) &&
      /COMPOSE_PROJECT_NAME/.test(nextTextOf(error) ?? '');

    it('is not started, stopped, asked for its tokens or read: the other folder is named', async () => {
      const progress = (): void => undefined;
      const here = await manager();
      await assert.rejects(
        here.up({ signal, progress, build: false, timeoutMs: 1000 }),
        /Compose was not found/,
      );
      await assert.rejects(here.down({ signal, progress }), conflict);
      await assert.rejects(here.restart({ signal, progress }), conflict);
      await assert.rejects(here.address(signal), conflict);
      await assert.rejects(here.adminToken(signal), conflict);
      await assert.rejects(here.logs(undefined, { follow: false, tail: 1, signal }).next(), conflict);
      await assert.rejects(
        prestartSidecar(await devContainer(), env, builtin, { signal, progress }),
        conflict,
      );
      assert.deepEqual(engine.changes, []);
    });

    it('is taken away first where it is of another configuration of the same folder, which reads the same .env', async () => {
      const beside = at('other');
      await cp(other, beside, { recursive: true });
      const file = path.join(beside, 'docker-compose.mcp-gateway.yml');
      engine.containers = [{ name: container, labels: composeLabelsOf(project, 'mcp-gateway', file) }];
      const next = step('Remove the other gateway first.', 'remove', '--config', '.devcontainer/other');
      await assert.rejects((await manager()).address(signal), { code: 'conflict', next });
    });

    it('is told as absent, with the name of the other folder', async () => {
      const { state: seen } = await (await manager()).status(signal);
      assert.equal(seen.status, 'absent');
      assert.ok('reason' in seen && seen.reason.includes(other));
    });

    it('is left by remove, with its volumes, while the files of this folder go', async () => {
      const { stderr, status } = await removeHere();
      assert.equal(status, 0, stderr);
      assert.ok(stderr.includes(`Run this command in the folder of ${other}`), stderr);
      assert.match(stderr, /to remove them too: devcontainer-gateway remove$/m);
      assert.deepEqual(engine.changes, []);
      assert.ok(!existsSync(at('docker-compose.mcp-gateway.yml')));
    });

    it('is left by remove too when only the other dev container itself is there', async () => {
      const file = path.join(other, 'docker-compose.mcp-gateway.yml');
      engine.containers = [{ name: 'app', labels: composeLabelsOf(project, 'app', file) }];
      await removeHere();
      assert.deepEqual(engine.changes, []);
    });

    it('is its own again where that folder is gone, or is this one by another path', async () => {
      await rm(path.dirname(other), { recursive: true });
      await (await manager()).down({ signal, progress: () => undefined });
      await symlink(bench.workspace, path.dirname(other));
      await (await manager()).down({ signal, progress: () => undefined });
      const stop = `POST /containers/${container}/stop`;
      assert.deepEqual(engine.changes, [stop, stop]);
    });
  });

  it('keeps the volumes of a clone, whose project has the same name, from a remove that asks nobody', async () => {
    engine.resources.volumes.push({ name: state, labels: ourLabels(project) });
    const { status, stdout, stderr } = await removeHere();
    assert.equal(status, 0, stderr);
    assert.match(stdout, new RegExp(`still has these parts of the gateway:\\n  volume ${state}`));
    assert.match(stderr, new RegExp(`They stay.* docker volume rm ${state} `));
    assert.deepEqual(engine.changes, []);
    const asked = await runVerb(
      async (io) => await remove(io, {}, { ...sidecarHooks(io), confirm: async () => true }),
      { env, cwd: bench.workspace },
    );
    assert.match(asked.stdout, /are removed from the engine/);
    assert.deepEqual(engine.changes, [`DELETE /volumes/${state}`]);
  });

  describe('when remove cannot ask the engine', () => {
    const held = `${project}_mcp-gateway-state`;

    beforeEach(async () => await wiring.add(bench.target));

    for (const [what, host] of [
      ['none answers', 'unix:///nonexistent/engine.sock'],
      ['its address is of a kind that is not spoken', 'ssh://somewhere'],
    ] as const) {
      it(`stays, and that is said with the commands that remove it, where ${what}`, async () => {
        env['DOCKER_HOST'] = host;
        const { stdout, stderr, status } = await removeHere();
        assert.equal(status, 0, stderr);
        assert.match(stdout, /wiring is removed/);
        assert.match(stderr, new RegExp(`docker volume rm ${held} ${project}_mcp-gateway-token;`));
        assert.ok(!existsSync(at('docker-compose.mcp-gateway.yml')));
      });
    }

    it('goes by the next remove that can, after a yes', async () => {
      env['DOCKER_HOST'] = 'unix:///nonexistent/engine.sock';
      await removeHere();
      Object.assign(env, engine.env);
      engine.resources.volumes.push({ name: held, labels: ourLabels(project) });
      const asked = await removeHere({ yes: false });
      assert.equal(asked.status, 1);
      assert.ok(
        asked.stderr.includes(`still has these parts of the gateway:\n  volume ${held}\n`),
        asked.stderr,
      );
      assert.deepEqual(engine.changes, []);
      assert.match((await removeHere()).stdout, new RegExp(`are removed from the engine:\n  volume ${held}`));
      assert.deepEqual(engine.changes, [`DELETE /volumes/${held}`]);
      assert.match((await removeHere()).stdout, /not wired\. There is nothing to change/);
    });

    it('goes without a question where its container tells whose it is', async () => {
      await removeHere();
      const labels = composeLabelsOf(project, 'mcp-gateway', at('docker-compose.mcp-gateway.yml'));
      engine.containers = [{ name: 'made', labels }];
      engine.resources.volumes.push({ name: held, labels: ourLabels(project) });
      await removeHere();
      assert.deepEqual(engine.changes, ['DELETE /containers/made', `DELETE /volumes/${held}`]);
    });

    it('is not touched, nor is a file, from inside the dev container', async () => {
      Object.assign(env, { DOCKER_HOST: 'unix:///nonexistent/engine.sock', MCP_GATEWAY_URL: 'http://g/mcp' });
      const before = await treeListing(bench.workspace);
      const { stderr, status } = await removeHere();
      assert.equal(status, 1);
      assert.match(
        stderr,
        /inside the dev container\.\nNext: Run this command on the machine that has the container engine.*: devcontainer-gateway remove/,
      );
      assert.deepEqual(await treeListing(bench.workspace), before);
    });
  });

  describe('of an engine that stops answering', () => {
    beforeEach(async () => {
      await wiring.add(bench.target);
      engine.silent = (place) => place !== '/version';
    });

    const manager = async (): Promise<ContainerManager> =>
      new ContainerManager(await devContainer(), await findEngine(thisMachine(env)), env, builtin);
    const cancelled = new AppError('cancelled', 'Cancelled.');

    it('is looked at only for as long as was said', async () => {
      const { subject } = await manager();
      await assert.rejects(settle(subject, { timeoutMs: 200, signal }), { code: 'timeout' });
    });

    it('is told as such when the time of the caller is over, before and while it is asked', async () => {
      const late = new DOMException('The operation was aborted due to timeout', 'TimeoutError');
      const gone = {
        code: 'no-engine',
        message: /does not answer: no answer in time/,
        next: step('Start Docker or Podman and run the command again.'),
      };
      const end = new AbortController();
      const working = (await manager()).address(end.signal);
      working.catch(() => undefined);
      await eventually(() => engine.unanswered > 0);
      end.abort(late);
      await assert.rejects(working, gone);
      await assert.rejects((await manager()).address(end.signal), gone);
      const owner = await devContainer();
      await assert.rejects(removeContainerHere(owner, env, end.signal), gone);
    });

    it('lets go of every verb as soon as it is cancelled', async () => {
      const here = await manager();
      const progress = (): void => undefined;
      await bringCompose();
      const verbs: Record<string, (end: AbortSignal) => Promise<unknown>> = {
        status: async (end) => await here.status(end),
        up: async (end) => await here.up({ signal: end, progress, build: true, timeoutMs: 60_000 }),
        down: async (end) => await here.down({ signal: end, progress }),
        restart: async (end) => await here.restart({ signal: end, progress }),
        logs: async (end) => await here.logs(undefined, { follow: true, tail: 1, signal: end }).next(),
        address: async (end) => await here.address(end),
        adminToken: async (end) => await here.adminToken(end),
        prestart: async (end) =>
          await prestartSidecar(await devContainer(), env, builtin, { signal: end, progress }),
        teardown: async (end) => await teardownHere(await devContainer(), env, { signal: end, progress }),
        watch: async (end) => {
          await watchGateway(here.subject, new GatewayStore(), 'g', end);
          throw end.reason;
        },
      };
      for (const [name, verb] of Object.entries(verbs)) {
        const end = new AbortController();
        engine.unanswered = 0;
        const working = verb(end.signal);
        working.catch(() => undefined);
        await eventually(() => engine.unanswered > 0);
        end.abort(cancelled);
        await assert.rejects(working, cancelled, name);
      }
    });
  });

  it('has no address on this machine when the engine is on another one, and the way to it is told', async () => {
    await wiring.add(bench.target);
    const labels = composeLabelsOf(project, 'mcp-gateway', at('docker-compose.mcp-gateway.yml'));
    engine.containers = [{ name: 'gateway', labels, port: 4321 }];
    const socketPath = engine.env.DOCKER_HOST.replace('unix://', '');
    const connection = {
      options: { socketPath },
      source: 'DOCKER_HOST',
      environment: {},
      elsewhere: 'build-box',
    };
    const runtime = new DockerRuntime(connection);
    const here = new ContainerManager(await devContainer(), runtime, env, builtin);
    const { state: seen } = await here.status(signal);
    assert.equal(seen.status, 'unreachable');
    assert.match(
      'reason' in seen ? `${seen.reason} ${seen.next.text}` : '',
      /runs on build-box.*4321 build-box/,
    );
    const refused = { code: 'unreachable', message: /build-box/ };
    await assert.rejects(here.address(signal), refused);
    const choice = { cwd: bench.workspace, env };
    await assert.rejects(locateWorkspaceGateway(choice, runtime), refused);
    // As if the command line ran a gateway of the workspace as a process of this machine.
    const files = processFiles(await workspaceStateDir(bench.workspace, env));
    const identity = (await processIdentity(process.pid)) ?? '';
    const startedAt = new Date().toISOString();
    await writeRecord(files, { pid: process.pid, identity, startedAt, variables: [] });
    const url = 'http://127.0.0.1:4322/mcp';
    await writeFile(files.logFile, `${JSON.stringify({ event: 'listening', url, pid: process.pid })}\n`);
    const local = await locateWorkspaceGateway(choice, runtime);
    assert.deepEqual([local?.kind, local?.url.href], ['process', url]);
  });
});
