import assert from 'node:assert/strict';
import { readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { DevContainer, removeLeftovers } from '../support/dev-container';
import { projectResources } from '../support/docker';

describe('remove after the user has edited the files', () => {
  let container: DevContainer;

  const edit = async (file: string, change: (text: string) => string): Promise<void> => {
    const full = path.join(container.folder, file);
    const text = await readFile(full, 'utf8');
    const changed = change(text);
    assert.notEqual(changed, text);
    await writeFile(full, changed);
  };
  const read = async (file: string): Promise<string> =>
    await readFile(path.join(container.folder, file), 'utf8');

  before(async () => {
    await removeLeftovers();
    container = await DevContainer.copyOf('javascript-node-postgres', 'edited');
  });
  after(async () => await container.dispose());

  it('keeps every edit of the user and leaves nothing of ours', async () => {
    const files = ['.devcontainer/devcontainer.json', '.devcontainer/docker-compose.yml', '.mcp.json'];
    const changes: ((text: string) => string)[] = [
      (text) => text.replace('"service": "app",', '"service": "app",\n\t"remoteUser": "node", // mine'),
      (text) => `${text}  my-data: # mine\n`,
      (text) => text.replace('"own-server"', '"own-server-2"'),
    ];
    const expected: string[] = [];
    for (const [index, file] of files.entries()) expected.push(changes[index]?.(await read(file)) ?? '');
    await container.mustCli('add', '--yes', '--json');
    for (const [index, file] of files.entries()) await edit(file, changes[index] ?? String);
    await container.up();
    await container.mustCli('remove', '--yes', '--json');
    for (const [index, file] of files.entries()) assert.equal(await read(file), expected[index]);
    const { containers, volumes, images } = await projectResources(container.project);
    assert.equal(containers.length, 2, 'the containers of app and db stay');
    assert.ok(!images.some((name) => name.includes('mcp-gateway')));
    assert.deepEqual(
      volumes.filter((name) => name.includes('mcp-gateway')),
      [],
    );
  });
});
