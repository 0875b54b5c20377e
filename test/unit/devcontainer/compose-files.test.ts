import assert from 'node:assert/strict';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { readComposeFiles } from '../../../src/devcontainer/compose-files';
import type { ComposeModel } from '../../../src/devcontainer/compose-project';

describe('our own reading of Compose files', () => {
  let folder: string;
  beforeEach(async () => {
    folder = await mkdtemp(path.join(os.tmpdir(), 'compose-'));
  });
  afterEach(async () => await rm(folder, { recursive: true, force: true }));

  async function read(list: readonly string[], env: Record<string, string>): Promise<ComposeModel> {
    return await readComposeFiles(list, { projectDir: folder, envFile: undefined }, env);
  }

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
    const model = await read(list, {});
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
    const model = await read(list, { SRC: './from-env' });
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
    const app = (await read(list, {})).services['app'];
    assert.deepEqual([app?.networks, app?.volumes[0]?.target], [['n'], '/w']);
  });

  it('resolves what is extended against its own folder, as far as it goes', async () => {
    await mkdir(path.join(folder, 'base', 'deep'), { recursive: true });
    await writeFile(
      path.join(folder, 'base', 'base.yml'),
      'services:\n  app:\n    extends: { file: "${DEEP}/root.yml", service: root }\n    volumes: ["${SRC:-.}:/w"]\n',
    );
    await writeFile(
      path.join(folder, 'base', 'deep', 'root.yml'),
      'services:\n  root:\n    networks: [n]\n    volumes: ["./data:/data", "./w:/w"]\n',
    );
    const list = await files(
      'services:\n  app:\n    volumes: ["${SRC:-.}:/own"]\n    extends: { file: base/base.yml, service: app }\n',
    );
    const app = (await read(list, { DEEP: 'deep' })).services['app'] ?? assert.fail();
    assert.deepEqual(app.networks, ['n']);
    assert.deepEqual(app.volumes, [
      { type: 'bind', source: path.join(folder, 'base/deep/data'), target: '/data' },
      { type: 'bind', source: path.join(folder, 'base'), target: '/w' },
      { type: 'bind', source: folder, target: '/own', written: '${SRC:-.}' },
    ]);
  });

  it('ends where services extend each other in a circle', async () => {
    const list = await files(
      'services:\n  a: { extends: b, networks: [a] }\n  b: { extends: a, networks: [b] }\n',
    );
    assert.deepEqual((await read(list, {})).services['a']?.networks, ['b', 'a']);
  });

  it('takes back and replaces what is tagged so', async () => {
    const list = await files(
      'services:\n  app:\n    networks: [n]\n    network_mode: !reset host\n    volumes: [".:/a", "b:/b"]\n',
      'services:\n  app:\n    networks: !reset null\n    volumes: !override [".:/c"]\n    depends_on: !reset {}\n',
    );
    const app = (await read(list, {})).services['app'];
    assert.deepEqual(app, {
      networks: ['default'],
      networkMode: undefined,
      volumes: [{ type: 'bind', source: folder, target: '/c' }],
    });
  });

  it('names line and column of what is not YAML or not Compose', async () => {
    await assert.rejects(async () => await read(await files('services:\n  a: {\n'), {}), {
      message: /0\.yml:\d+:\d+: /,
    });
    await assert.rejects(async () => await read(await files('services:\n  app:\n    volumes: 5\n'), {}), {
      message: /0\.yml:3:14: services\.app\.volumes/,
    });
  });
});
