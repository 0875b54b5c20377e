import { step } from '../../../src/platform/next-step';
import assert from 'node:assert/strict';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { chooseConfiguration, findConfigurations, findWorkspace } from '../../../src/devcontainer/find';
import { type ComposeDevContainer, readDevContainer, requireCompose } from '../../../src/devcontainer/read';

describe('reading a dev container', () => {
  let workspace: string;
  beforeEach(async () => {
    workspace = path.join(await mkdtemp(path.join(os.tmpdir(), 'read-')), 'My.Project');
  });
  afterEach(async () => await rm(path.dirname(workspace), { recursive: true, force: true }));

  async function file(name: string, text: string): Promise<string> {
    const full = path.join(workspace, name);
    await mkdir(path.dirname(full), { recursive: true });
    await writeFile(full, text);
    return full;
  }

  async function read(text: string, env: Record<string, string> = {}): Promise<ComposeDevContainer> {
    const config = await file('.devcontainer/devcontainer.json', text);
    return requireCompose(await readDevContainer(config, workspace, env));
  }

  it('finds the three places, and asks for a choice between several', async () => {
    const nested = await file('.devcontainer/b/devcontainer.json', '{}');
    assert.equal(await chooseConfiguration(workspace), nested);
    const root = await file('.devcontainer.json', '{}');
    const main = await file('.devcontainer/devcontainer.json', '{}');
    await file('.devcontainer/b/deeper/devcontainer.json', '{}');
    assert.deepEqual(await findConfigurations(workspace), [main, root, nested]);
    await assert.rejects(chooseConfiguration(workspace), {
      code: 'usage',
      message:
        /\.devcontainer\/devcontainer\.json, \.devcontainer\.json, \.devcontainer\/b\/devcontainer\.json/,
    });
    assert.equal(await chooseConfiguration(workspace, { config: '.devcontainer.json' }), root);
    assert.equal(await chooseConfiguration(workspace, { config: '.devcontainer' }), main);
    await assert.rejects(chooseConfiguration(workspace, { config: '.' }), {
      code: 'not-found',
      next: step(
        'This workspace has: .devcontainer/devcontainer.json, .devcontainer.json, .devcontainer/b/devcontainer.json.',
      ),
    });
    assert.equal(await findWorkspace(path.join(workspace, 'src', 'deep')), workspace);
  });

  it('replaces the variables that the host knows', async () => {
    const container = await read(
      '{"dockerComposeFile":"${localEnv:WHICH:c.yml}","service":"app","workspaceFolder":"/w/${localWorkspaceFolderBasename}"}',
    );
    assert.equal(container.workspaceFolder, '/w/My.Project');
    assert.equal(container.workspaceFolderPattern, '/w/*');
    assert.deepEqual(container.composeFiles, [path.join(workspace, '.devcontainer', 'c.yml')]);
  });

  const compose = '{"dockerComposeFile":"docker-compose.yml","service":"app"}';
  const names: [string, string, Record<string, string>, Record<string, string>, string][] = [
    ['the folder, for a first file in .devcontainer', compose, {}, {}, 'myproject_devcontainer'],
    ['the environment', compose, {}, { COMPOSE_PROJECT_NAME: 'From.Env' }, 'fromenv'],
    ["the workspace's .env", compose, { '.env': 'A=1\nCOMPOSE_PROJECT_NAME=dot\n' }, {}, 'dot'],
    ['the file itself', compose, { '.devcontainer/docker-compose.yml': 'name: ${N:-mine}\n' }, {}, 'mine'],
    [
      'the file itself, with a variable of the .env beside it',
      compose,
      { '.devcontainer/docker-compose.yml': 'name: ${STACK}-dev\n', '.devcontainer/.env': 'STACK=shop\n' },
      {},
      'shop-dev',
    ],
    [
      'the file itself, without the marks that Compose drops',
      compose,
      { '.devcontainer/docker-compose.yml': 'name: ${STACK}-dev\n' },
      {},
      'dev',
    ],
    [
      'the default file, with a variable of the .env that Compose is given',
      '{"dockerComposeFile":[],"service":"app"}',
      { 'docker-compose.yml': 'name: ${STACK}\n', '.env': 'STACK=shop\n' },
      {},
      'shop',
    ],
    [
      'the folder of the first file',
      '{"dockerComposeFile":["../Some-Dir/c.yml"],"service":"a"}',
      {},
      {},
      'some-dir',
    ],
  ];
  for (const [source, config, files, env, expected] of names) {
    it(`takes the project name from ${source}`, async () => {
      for (const [name, text] of Object.entries(files)) await file(name, text);
      assert.equal((await read(config, env)).projectName, expected);
    });
  }

  it('reads an empty list as the default files', async () => {
    await file('docker-compose.yml', 'services: {}');
    const override = await file('docker-compose.override.yml', 'services: {}');
    const container = await read('{"dockerComposeFile":[],"service":"app"}');
    assert.deepEqual(container.composeFiles, [path.join(workspace, 'docker-compose.yml'), override]);
    assert.equal(container.composeFileForm, 'defaults');
  });

  it('sees that it is wired', async () => {
    const container = await read(
      '{"dockerComposeFile":["a.yml","docker-compose.mcp-gateway.yml"],"service":"app"}',
    );
    assert.equal(container.wired, true);
    assert.deepEqual(container.userComposeFiles, [path.join(workspace, '.devcontainer', 'a.yml')]);
  });

  it('names line and column of a syntax error and of a wrong type', async () => {
    await assert.rejects(read('{\r\n  "service": \r\n}'), {
      message: /devcontainer\.json:3:1: This is not valid JSON: value expected/,
    });
    await assert.rejects(read('{\n  "dockerComposeFile": 5\n}'), {
      message: /devcontainer\.json:2:24: dockerComposeFile/,
    });
    await assert.rejects(read('{\n "dockerComposeFile": "a"\n}'), { message: /:2:23: .*service/ });
  });

  it('refuses a file that is not UTF-8 instead of damaging it', async () => {
    const config = await file('.devcontainer/devcontainer.json', '');
    await writeFile(config, Buffer.from([0x7b, 0xff, 0x7d]));
    await assert.rejects(readDevContainer(config, workspace, {}), { code: 'invalid-file' });
  });

  it('refuses an image or a Dockerfile with what to do instead', async () => {
    await assert.rejects(read('{"image":"debian"}'), { code: 'refused', message: /an image/ });
    await assert.rejects(read('{"build":{"dockerfile":"Dockerfile"}}'), {
      code: 'refused',
      message: /a Dockerfile/,
    });
  });
});
