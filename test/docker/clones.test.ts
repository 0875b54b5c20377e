import assert from 'node:assert/strict';
import { access } from 'node:fs/promises';
import path from 'node:path';
import { run } from '../../src/platform/run';
import { DevContainer, removeLeftovers } from '../support/dev-container';
import { publishedPort } from '../support/engine-facts';

async function git(folder: string, ...args: string[]): Promise<void> {
  const identity = ['-c', 'user.name=Test', '-c', 'user.email=test@example.com'];
  const { code, stderr } = await run('git', [...identity, ...args], { cwd: folder });
  assert.equal(code, 0, stderr);
}

describe('two clones of a repository that was wired and committed', () => {
  let origin: DevContainer;
  let clones: DevContainer[] = [];

  before(async () => {
    await removeLeftovers();
    origin = await DevContainer.copyOf('javascript-node-postgres', 'origin');
    await origin.mustCli('add', '--yes', '--json', '--no-start');
    await git(origin.folder, 'init', '--quiet', '--initial-branch=main');
    await git(origin.folder, 'add', '--all');
    await git(origin.folder, 'commit', '--quiet', '--message', 'feat: a gateway');
    for (const name of ['one', 'two']) clones.push(await DevContainer.cloneOf(origin.folder, name));
  });

  after(async () => {
    for (const container of [...clones, origin]) await container.dispose();
    clones = [];
  });

  it('come without the token', async () => {
    for (const clone of clones) {
      await assert.rejects(access(path.join(clone.folder, '.devcontainer/mcp-gateway/token.env')), {
        code: 'ENOENT',
      });
    }
  });

  it('come up side by side, each with a gateway of its own', async () => {
    for (const clone of clones) await clone.up();
    const gateways = await Promise.all(clones.map(async (clone) => await clone.container('mcp-gateway')));
    assert.equal(new Set(gateways).size, 2);
    const ports = await Promise.all(gateways.map(publishedPort));
    assert.equal(new Set(ports).size, 2);
  });

  it('serve call inside both at once, each its own workspace', async () => {
    const answers = await Promise.all(
      clones.map(async (clone) => await clone.mustCliInside('call', 'sample__workspace_info')),
    );
    for (const [index, clone] of clones.entries()) {
      assert.match(answers[index] ?? '', new RegExp(path.basename(clone.folder)));
    }
  });

  it('serve a program that reads .mcp.json once up has written the token and the container was made again', async () => {
    for (const clone of clones) {
      await clone.mustCli('up');
      await access(path.join(clone.folder, '.devcontainer/mcp-gateway/token.env'));
      await clone.up('--remove-existing-container');
    }
    const visits = await Promise.all(
      clones.map(async (clone) => await clone.probe('sample__echo', { text: 'hello' })),
    );
    for (const { result } of visits) assert.deepEqual(result.content, [{ type: 'text', text: 'hello' }]);
  });

  it('have tokens that differ: one does not open the gateway of the other', async () => {
    const [one, two] = clones;
    assert.ok(one && two);
    const port = await publishedPort(await two.container('mcp-gateway'));
    const tokenFile = path.join(one.folder, '.devcontainer/mcp-gateway/token.env');
    const { code } = await one.cli(
      'tools',
      '--url',
      `http://127.0.0.1:${port}/mcp`,
      '--token-file',
      tokenFile,
    );
    assert.equal(code, 1);
  });
});
