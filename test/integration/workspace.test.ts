import assert from 'node:assert/strict';
import { mkdir, rename, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { composeContainer, serversFile, type WorkspaceChoice } from '../../src/gateway/workspace';
import * as wiring from '../support/wiring';

describe('the gateway of a workspace', () => {
  let bench: wiring.Workbench;
  let choice: WorkspaceChoice;
  afterEach(async () => await bench.dispose());

  async function open(fixture: string, config?: string): Promise<void> {
    bench = await wiring.workbench(fixture, config);
    choice = { cwd: bench.workspace, env: bench.target.env };
  }

  const at = (name: string): string => path.join(bench.workspace, name);

  it('is found beside the draft of another dev container', async () => {
    await open('node-postgres');
    await wiring.add(bench.target);
    for (const [name, text] of [
      ['draft', '{ "features": {} }'],
      ['broken', '{'],
    ] as const) {
      await mkdir(at(`.devcontainer/${name}`));
      await writeFile(at(`.devcontainer/${name}/devcontainer.json`), text);
    }
    const found = await composeContainer(choice);
    assert.equal(found?.configPath, at('.devcontainer/devcontainer.json'));
  });

  it('has its servers file beside the configuration that is wired, or the only one', async () => {
    await open('subfolders', '.devcontainer/python/devcontainer.json');
    const inDefaultFolder = at('.devcontainer/mcp-gateway/servers.json');
    assert.equal(await serversFile(choice), inDefaultFolder, 'of several none is wired');
    await wiring.add(bench.target);
    assert.equal(await serversFile(choice), at('.devcontainer/python/mcp-gateway/servers.json'));
    await rename(at('.devcontainer/python'), at('python'));
    assert.equal(await serversFile(choice), at('.devcontainer/node/mcp-gateway/servers.json'));
    await rename(at('.devcontainer/node'), at('node'));
    assert.equal(await serversFile(choice), inDefaultFolder, 'there is none');
  });

  it('has its servers file beside the configuration that is named, which must be there', async () => {
    await open('subfolders');
    const config = '.devcontainer/node/devcontainer.json';
    assert.equal(await serversFile({ ...choice, config }), at('.devcontainer/node/mcp-gateway/servers.json'));
    await assert.rejects(serversFile({ ...choice, config: 'nowhere.json' }), { code: 'not-found' });
  });
});
