import assert from 'node:assert/strict';
import { mkdir, readFile, readlink, rename, rm, stat, symlink, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { add as addVerb } from '../../src/cli/add';
import { JournaledChange } from '../../src/devcontainer/apply';
import { fileOperations } from '../../src/devcontainer/file-operations';
import { prepareAdd, prepareRemove } from '../../src/devcontainer/wiring';
import { ensureTokenEnv } from '../../src/gateway/resolve/token-env';
import { builtinSidecar } from '../../src/kinds/builtin/sidecar';
import { runVerb } from '../support/cli';
import { treeListing } from '../support/tree-hash';
import { add, remove, type Workbench, workbenchWithoutCompose } from '../support/wiring';

/** A link in a repository, and where it leads: both are paths in the folder that holds the workspace. */
interface Link {
  at: string;
  to: string;
  /** What is at the place that it leads to. */
  holds: 'file' | 'folder' | 'nothing';
}

const outside: readonly Link[] = [
  { at: '.mcp.json', to: 'elsewhere/mcp.json', holds: 'file' },
  { at: '.mcp.json', to: 'elsewhere/not-there.json', holds: 'nothing' },
  { at: '.gemini', to: 'elsewhere/gemini', holds: 'folder' },
  { at: '.gemini', to: 'elsewhere/no-folder', holds: 'nothing' },
  { at: '.devcontainer/devcontainer.json', to: 'elsewhere/devcontainer.json', holds: 'file' },
  { at: '.devcontainer/mcp-gateway', to: 'elsewhere/mcp-gateway', holds: 'folder' },
  { at: '.devcontainer/mcp-gateway', to: 'elsewhere/no-folder', holds: 'nothing' },
  { at: '.devcontainer/mcp-gateway/token.env', to: 'elsewhere/token.env', holds: 'file' },
  { at: '.devcontainer/mcp-gateway/servers.json', to: 'elsewhere/not-there.json', holds: 'nothing' },
  { at: '.devcontainer/mcp-gateway/gateway.cjs', to: 'elsewhere/program.cjs', holds: 'file' },
  { at: '.devcontainer/docker-compose.mcp-gateway.yml', to: 'elsewhere/compose.yml', holds: 'file' },
];

const inside: readonly Link[] = [
  { at: '.mcp.json', to: 'project/shared/mcp.json', holds: 'file' },
  { at: '.mcp.json', to: 'project/shared/not-there.json', holds: 'nothing' },
  { at: '.mcp.json', to: 'project/new/folder/mcp.json', holds: 'nothing' },
  { at: '.gemini', to: 'project/shared/gemini', holds: 'folder' },
  { at: '.devcontainer/mcp-gateway', to: 'project/shared/gateway', holds: 'nothing' },
  { at: '.devcontainer/mcp-gateway/servers.json', to: 'project/shared/servers.json', holds: 'nothing' },
];

describe('wiring a workspace with symbolic links', () => {
  let bench: Workbench;
  const here = (name: string): string => path.join(bench.folder, name);
  beforeEach(async () => {
    bench = await workbenchWithoutCompose('node-postgres');
    for (const folder of ['elsewhere', 'project/shared']) await mkdir(here(folder));
    await writeFile(here('elsewhere/private'), 'nobody may change this\n');
    await writeFile(here('project/shared/readme'), 'a folder that is not empty\n');
  });
  afterEach(async () => await bench.dispose());

  async function make({ at, to, holds }: Link): Promise<void> {
    const link = path.join(bench.workspace, at);
    if (holds === 'folder') {
      await mkdir(here(to));
      await writeFile(path.join(here(to), 'keep'), '');
    } else if (holds === 'file') {
      const kept = await rename(link, here(to)).then(
        () => true,
        () => false,
      );
      if (!kept) await writeFile(here(to), '{ "private": "hunter-2" }\n');
    }
    await mkdir(path.dirname(link), { recursive: true });
    await symlink(path.relative(path.dirname(link), here(to)), link);
  }

  const choices = { clients: ['gemini'], hostPort: undefined, sidecar: builtinSidecar(Buffer.from('//\n')) };

  for (const link of outside) {
    it(`refuses ${link.at} that leads to ${link.holds} outside, by name, and writes nothing`, async () => {
      await make(link);
      const before = await treeListing(bench.folder);
      await assert.rejects(prepareAdd(bench.target, choices), {
        code: 'refused',
        message: new RegExp(`project/${link.at.replace(/\./g, '\\.')}.* leads out of the workspace`),
      });
      const { stdout, stderr } = await runVerb(
        async (io) =>
          await addVerb(
            io,
            { client: ['gemini'], dryRun: true },
            { program: async () => Buffer.from('//\n') },
          ),
        { env: bench.target.env, cwd: bench.workspace },
      );
      assert.doesNotMatch(stdout + stderr, /hunter-2|dockerComposeFile/);
      assert.match(stderr, /leads out of the workspace/);
      assert.deepEqual(await treeListing(bench.folder), before);
    });
  }

  for (const link of inside) {
    it(`edits ${link.at} at its target ${link.to} (${link.holds} there), and restores both`, async () => {
      await make(link);
      const at = path.join(bench.workspace, link.at);
      const written = await readlink(at);
      const before = await treeListing(bench.folder);
      await add(bench.target, { clients: ['gemini'] });
      assert.equal(await readlink(at), written, 'the link is still a link');
      assert.ok(await stat(at), 'its target was written');
      await remove(bench.target);
      await rm(here('state'), { recursive: true });
      assert.deepEqual(await treeListing(bench.folder), before);
    });
  }

  it('refuses two files of a plan that are really one', async () => {
    await make({ at: '.mcp.json', to: 'project/.gemini/settings.json', holds: 'nothing' });
    await assert.rejects(prepareAdd(bench.target, choices), {
      code: 'refused',
      message: /are the same file/,
    });
  });

  it('refuses links where the token and the program go: their targets are not kept out of Git, or are work', async () => {
    for (const name of ['token.env', 'gateway.cjs']) {
      const at = `.devcontainer/mcp-gateway/${name}`;
      await make({ at, to: `project/shared/${name}`, holds: 'nothing' });
      await assert.rejects(prepareAdd(bench.target, choices), { code: 'refused', message: /symbolic link/ });
      await rm(path.join(bench.workspace, at));
    }
  });

  it('says of links that lead to each other which file it is', async () => {
    await symlink('.mcp.json', path.join(bench.workspace, '.mcp.json'));
    await assert.rejects(prepareAdd(bench.target, choices), {
      code: 'invalid-file',
      message: /\.mcp\.json is a symbolic link that leads back to itself/,
    });
  });

  it('leaves a client file outside alone when it removes, and says so', async () => {
    await add(bench.target);
    await rm(path.join(bench.workspace, '.mcp.json'));
    await make({ at: '.mcp.json', to: 'elsewhere/mcp.json', holds: 'file' });
    assert.match((await remove(bench.target)).join(), /\.mcp\.json stays: it leads out of the workspace/);
    assert.match(await readFile(here('elsewhere/mcp.json'), 'utf8'), /hunter-2/);
  });

  it('refuses to remove through a folder that leads elsewhere', async () => {
    await add(bench.target);
    await rename(path.join(bench.workspace, '.devcontainer/mcp-gateway'), here('elsewhere/gateway'));
    await symlink(here('elsewhere/gateway'), path.join(bench.workspace, '.devcontainer/mcp-gateway'));
    const before = await treeListing(bench.folder);
    await assert.rejects(prepareRemove(bench.target), { code: 'refused' });
    assert.deepEqual(await treeListing(bench.folder), before);
  });

  it('refuses a link that came between the plan and the change', async () => {
    const plan = await prepareAdd(bench.target, choices);
    await make({ at: '.devcontainer/mcp-gateway', to: 'elsewhere/no-folder', holds: 'nothing' });
    const what = { operation: 'add', config: plan.container.configPath, folders: [bench.workspace] };
    await assert.rejects(JournaledChange.begin(here('state'), what, plan.edits), { code: 'refused' });
    await assert.rejects(stat(here('elsewhere/no-folder')), { code: 'ENOENT' });
  });

  it('writes no token through a folder that leads elsewhere', async () => {
    await make({ at: '.devcontainer/mcp-gateway', to: 'elsewhere/gateway', holds: 'folder' });
    const owner = { workspace: bench.workspace, configDir: path.join(bench.workspace, '.devcontainer') };
    await assert.rejects(
      ensureTokenEnv(owner, async () => undefined),
      { code: 'refused', message: /mcp-gateway leads out of the workspace/ },
    );
    await assert.rejects(stat(here('elsewhere/gateway/token.env')), { code: 'ENOENT' });
  });

  it('names its temporary files anew for each change, and never opens one that is there', async () => {
    const names = new Set<string>();
    const operations = {
      ...fileOperations,
      write: async (file: string, bytes: Uint8Array, mode: number | undefined) => {
        // What a repository could have put there, if it knew the name.
        if (names.size === 0 && file.startsWith(bench.workspace)) {
          await symlink(here('elsewhere/private'), file);
        }
        if (file.startsWith(bench.workspace)) names.add(file);
        await fileOperations.write(file, bytes, mode);
      },
    };
    await assert.rejects(add(bench.target, { operations }), { code: 'EEXIST' });
    assert.equal(await readFile(here('elsewhere/private'), 'utf8'), 'nobody may change this\n');
    await add(bench.target, { operations });
    const ends = new Set([...names].map((name) => name.split('.').slice(-2).join('.')));
    assert.equal(ends.size, 2, 'one ending for each change');
    for (const end of ends) assert.match(end, /^[0-9a-f-]{36}\.tmp$/);
  });
});
