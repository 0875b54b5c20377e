import assert from 'node:assert/strict';
import { chmod, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { readComposeModel } from '../../../src/devcontainer/compose-model';
import { readDevContainer, requireCompose } from '../../../src/devcontainer/read';
import { exists } from '../../../src/platform/files';
import { eventually } from '../../support/eventually';

describe('the Compose project of a dev container', () => {
  let folder: string;
  beforeEach(async () => {
    folder = await mkdtemp(path.join(os.tmpdir(), 'compose-'));
    await mkdir(path.join(folder, 'bin'));
  });
  afterEach(async () => await rm(folder, { recursive: true, force: true }));

  /** A docker command in the place of the real one, which answers to everything. */
  async function docker(script: string): Promise<void> {
    const file = path.join(folder, 'bin', 'docker');
    await writeFile(file, `#!/bin/sh\n${script}\n`);
    await chmod(file, 0o755);
  }

  async function read(compose: string, signal?: AbortSignal): ReturnType<typeof readComposeModel> {
    const config = path.join(folder, 'devcontainer.json');
    await writeFile(config, '{ "dockerComposeFile": "c.yml", "service": "app" }');
    await writeFile(path.join(folder, 'c.yml'), compose);
    const env = { PATH: path.join(folder, 'bin') };
    return await readComposeModel(requireCompose(await readDevContainer(config, folder, env)), env, signal);
  }

  it('is what Compose says, though we cannot read its files', async () => {
    const volumes = [{ type: 'bind', source: '/here', target: '/w' }];
    const answer = JSON.stringify({ services: { app: { networks: { n: null }, volumes } } });
    await docker(`echo '${answer}'`);
    const { model, notes } = await read('services:\n  app:\n    volumes: { new: form }\n');
    assert.deepEqual(model.services['app'], { networks: ['n'], networkMode: undefined, volumes });
    assert.match(notes.join(), /^The sources of mounts are written with the values .*c\.yml:3:14/);
  });

  it('is our own reading where Compose fails, with its exit code and without its words', async () => {
    await docker('echo "unterminated value: sup3r-secret" >&2; exit 15');
    const { model, notes } = await read('services:\n  app:\n    networks: [n]\n');
    assert.deepEqual(model.services['app']?.networks, ['n']);
    assert.match(notes.join(), /exit code 15.*`docker compose -f \S+c\.yml .*config --quiet`/);
    assert.doesNotMatch(notes.join(), /sup3r/);
  });

  it('is our own reading where there is no Compose, or one that answers in another form', async () => {
    const text = 'services:\n  app: {}\n';
    assert.match((await read(text)).notes.join(), /docker cannot be started \(ENOENT\)/);
    await docker('echo "services: {}"');
    assert.match((await read(text)).notes.join(), /answers in another format/);
  });

  it('is waited for no longer than the signal says, where Compose hangs', async () => {
    const started = path.join(folder, 'started');
    await docker(`: > ${started}; exec /bin/sleep 60`);
    const end = new AbortController();
    const reading = read('services:\n  app: {}\n', end.signal);
    reading.catch(() => undefined);
    await eventually(async () => await exists(started));
    end.abort(new Error('cancelled by the test'));
    await assert.rejects(reading, /cancelled by the test/);
  });

  it('cannot be told where neither Compose nor we can read the files', async () => {
    await docker('exit 15');
    await assert.rejects(read('services:\n  app:\n    volumes: 5\n'), { code: 'invalid-file' });
  });
});
