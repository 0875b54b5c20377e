import assert from 'node:assert/strict';
import { readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import * as v from 'valibot';
import type { RunResult } from '../../src/platform/run';
import { DevContainer, removeLeftovers } from '../support/dev-container';
import { docker } from '../support/docker';

const Diagnosis = v.object({
  place: v.string(),
  checks: v.array(v.object({ rule: v.string(), verdict: v.string(), text: v.string() })),
});
type Diagnosis = v.InferOutput<typeof Diagnosis>;

function read({ stdout, stderr }: RunResult): Diagnosis {
  assert.ok(stdout.startsWith('{'), stdout + stderr);
  return v.parse(Diagnosis, JSON.parse(stdout));
}

function of({ checks }: Diagnosis, rule: string): string {
  const found = checks.find((check) => check.rule === rule);
  return `${found?.verdict ?? 'no answer'}: ${found?.text ?? ''}`;
}

function problems({ checks }: Diagnosis): string[] {
  return checks.flatMap(({ rule, verdict, text }) => (verdict === 'problem' ? [`${rule}: ${text}`] : []));
}

describe('the doctor at a dev container', () => {
  let container: DevContainer;

  before(async () => {
    await removeLeftovers();
    container = await DevContainer.copyOf('javascript-node-postgres', 'doctor');
    await container.mustCli('add', '--yes', '--json');
    await container.up();
  });

  after(async () => await container.dispose());

  const onHost = async (): Promise<Diagnosis> => read(await container.cli('doctor', '--json'));

  it('finds no problem on the host, and asks the engine', async () => {
    const diagnosis = await onHost();
    assert.deepEqual([diagnosis.place, problems(diagnosis)], ['host', []]);
    assert.match(of(diagnosis, 'gateway.port'), /^ok: 127\.0\.0\.1:\d+$/);
    assert.match(of(diagnosis, 'gateway.network'), /^ok: both are on /);
    assert.match(of(diagnosis, 'wiring.project'), /^ok: .* is of this folder$/);
    assert.match(of(diagnosis, 'token.file'), /^ok: the gateway takes it$/);
  });

  it('finds no problem inside, where there is no engine, and says where the rest is asked', async () => {
    const diagnosis = read(await container.cliInside('doctor', '--json'));
    assert.deepEqual([diagnosis.place, problems(diagnosis)], ['dev container', []]);
    for (const rule of ['token.variable', 'token.published', 'servers.state'])
      assert.match(of(diagnosis, rule), /^ok: /);
    assert.match(
      of(diagnosis, 'gateway.port'),
      /^not-applicable: .* on the machine that has the container engine to check this$/,
    );
  });

  it('switches a tool on the host, and refuses to inside', async () => {
    await container.mustCli('disable', 'sample:echo');
    assert.ok(!(await container.mustCliInside('tools')).includes('sample__echo'));
    await container.mustCli('enable', 'sample:echo');
    const { code, stderr } = await container.cliInside('disable', 'sample');
    assert.equal(code, 1);
    assert.match(stderr, /must not see[\s\S]*on the host/);
  });

  it('tells that the dev container has left the network of the gateway', async () => {
    const app = await container.container('app');
    const [network = ''] = Object.keys(
      v.parse(
        v.record(v.string(), v.unknown()),
        JSON.parse(await docker('inspect', '--format', '{{json .NetworkSettings.Networks}}', app)),
      ),
    );
    const other = `${container.project}-other`;
    await docker('network', 'create', '--label', `com.docker.compose.project=${container.project}`, other);
    await docker('network', 'connect', other, app);
    await docker('network', 'disconnect', network, app);
    assert.match(
      of(await onHost(), 'gateway.network'),
      /^problem: the dev container is on .*-other, the gateway/,
    );
    await docker('network', 'connect', '--alias', 'app', network, app);
  });

  it('tells a port that other machines can reach, and the stopped gateway', async () => {
    const file = path.join(container.folder, '.devcontainer/docker-compose.mcp-gateway.yml');
    const text = await readFile(file, 'utf8');
    const open = text.replace('127.0.0.1::8811', '8811');
    assert.notEqual(open, text);
    await writeFile(file, open);
    await container.mustCli('up', '--json');
    assert.match(of(await onHost(), 'gateway.port'), /^problem: 0\.0\.0\.0:\d+.* other machines$/);
    await container.mustCli('down', '--json');
    assert.match(of(await onHost(), 'gateway.state'), /^problem: it is stopped/);
  });
});
