import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { add } from '../../src/cli/add';
import { plan } from '../../src/cli/plan';
import { sidecarHooks } from '../../src/cli/sidecar-hooks';
import { type ComposeDevContainer, readDevContainer, requireCompose } from '../../src/devcontainer/read';
import { Change } from '../../src/devcontainer/apply';
import { prepareAdd } from '../../src/devcontainer/wiring';
import { prestartSidecar } from '../../src/gateway/sidecar-lifecycle';
import { workspaceStateDir } from '../../src/platform/state';
import { runVerb } from '../support/cli';
import { composeLabelsOf, FakeEngine, ourLabels } from '../support/fake-engine';
import * as wiring from '../support/wiring';

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
      const compose = path.join(bench.folder, 'docker');
      await writeFile(compose, '#!/bin/sh\necho 2.30.0\n', { mode: 0o755 });
      const withCompose = { ...env, PATH: `${bench.folder}:/bin:/usr/bin` };
      await assert.rejects(
        prestartSidecar(await devContainer(), withCompose, { signal, progress }),
        /it failed half-way/,
      );
      assert.deepEqual(engine.changes, [`DELETE /containers/${made}`, `DELETE /volumes/${project}_new`]);
    });
  });

  it('loses its container alone when an interrupted add is taken back, whatever the verb', async () => {
    const choices = { clients: [], hostPort: undefined, program: Buffer.from('// gateway\n') };
    const { edits, container } = await prepareAdd(bench.target, choices);
    const stateDir = await workspaceStateDir(bench.workspace, env);
    const change = await Change.begin(stateDir, { operation: 'add', config: container.configPath }, edits);
    await change.apply(edits.filter(({ stage }) => stage === 'sidecar'));
    const labels = composeLabelsOf(project, 'mcp-gateway', at('docker-compose.mcp-gateway.yml'));
    engine.containers = [{ name: 'made', labels }];
    engine.resources.volumes.push({ name: state, labels: ourLabels(project) });
    const result = await runVerb(
      async (io) => await plan(io, {}, { ...sidecarHooks(io), program: async () => choices.program }),
      { env, cwd: bench.workspace },
    );
    assert.match(result.stderr, /An interrupted add was taken back/);
    assert.deepEqual(engine.changes, ['DELETE /containers/made']);
  });
});
