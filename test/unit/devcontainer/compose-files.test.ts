import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { readComposeFiles } from '../../../src/devcontainer/compose-files';

describe('our own reading of Compose files', () => {
  let folder: string;
  beforeEach(async () => {
    folder = await mkdtemp(path.join(os.tmpdir(), 'compose-'));
  });
  afterEach(async () => await rm(folder, { recursive: true, force: true }));

  async function files(...texts: string[]): Promise<string[]> {
    return await Promise.all(
      texts.map(async (text, index) => {
        const file = path.join(folder, `${String(index)}.yml`);
        await writeFile(file, text);
        return file;
      }),
    );
  }

  it('merges services, with the later mount of a target winning', async () => {
    const list = await files(
      'services:\n  app:\n    networks: [a]\n    volumes: [".:/w", "vol:/v"]\nnetworks: { a: { external: true } }\n',
      'services:\n  app:\n    networks: { b: null }\n    volumes:\n      - { type: bind, source: .., target: /w }\n',
    );
    const model = await readComposeFiles(list, folder, {});
    const app = model.services['app'] ?? assert.fail();
    assert.deepEqual(app.networks, ['a', 'b']);
    assert.deepEqual(model.externalNetworks, ['a']);
    assert.deepEqual(app.volumes, [
      { type: 'volume', source: 'vol', target: '/v' },
      { type: 'bind', source: path.dirname(folder), target: '/w' },
    ]);
  });

  it('replaces variables from the environment before those of .env, and keeps what was written', async () => {
    await writeFile(path.join(folder, '.env'), 'SRC=./from-file\nMODE=service:db\n');
    const list = await files(
      'services:\n  app:\n    network_mode: ${MODE}\n    volumes: ["${SRC:-.}:/w:cached"]\n',
    );
    const model = await readComposeFiles(list, folder, { SRC: './from-env' });
    const app = model.services['app'] ?? assert.fail();
    assert.equal(app.networkMode, 'service:db');
    assert.deepEqual(app.volumes, [
      { type: 'bind', source: path.join(folder, 'from-env'), target: '/w', written: '${SRC:-.}' },
    ]);
  });

  it('follows extends, anchors and merge keys', async () => {
    const list = await files(
      'x-base: &base { networks: [n] }\nservices:\n  base:\n    <<: *base\n    volumes: [".:/w"]\n  app:\n    extends: base\n',
    );
    const app = (await readComposeFiles(list, folder, {})).services['app'];
    assert.deepEqual([app?.networks, app?.volumes[0]?.target], [['n'], '/w']);
  });

  it('names line and column of what is not YAML or not Compose', async () => {
    await assert.rejects(async () => await readComposeFiles(await files('services:\n  a: {\n'), folder, {}), {
      message: /0\.yml:\d+:\d+: /,
    });
    await assert.rejects(
      async () => await readComposeFiles(await files('services:\n  app:\n    volumes: 5\n'), folder, {}),
      { message: /0\.yml:3:14: services\.app\.volumes/ },
    );
  });
});
