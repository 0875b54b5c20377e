import assert from 'node:assert/strict';
import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { run } from '../../src/platform/run';

const root = path.resolve(__dirname, '../..');

describe('the package for npm', function () {
  this.timeout(60_000);
  let folder: string;
  let dist: string;

  before(async () => {
    folder = await mkdtemp(path.join(os.tmpdir(), 'package-'));
    const packed = await run('npm', ['pack', '--ignore-scripts', '--pack-destination', folder], {
      cwd: root,
    });
    assert.equal(packed.code, 0, packed.stderr);
    const archive = packed.stdout.trim().split('\n').at(-1) ?? '';
    const unpacked = await run('tar', ['-xzf', archive], { cwd: folder });
    assert.equal(unpacked.code, 0, unpacked.stderr);
    dist = path.join(folder, 'package/dist');
  });

  after(async () => await rm(folder, { recursive: true, force: true }));

  async function cli(...args: string[]): Promise<string> {
    const { code, stdout, stderr } = await run(process.execPath, [path.join(dist, 'cli.js'), ...args], {
      cwd: folder,
      env: { PATH: process.env['PATH'], XDG_STATE_HOME: path.join(folder, 'state') },
    });
    assert.deepEqual([code, stderr], [0, '']);
    return stdout;
  }

  it('holds the programs of the command line and nothing of the editor', async () => {
    assert.deepEqual((await readdir(dist)).sort(), ['cli', 'cli.js', 'gateway.cjs', 'servers.schema.json']);
  });

  it('holds every part of the command line', async () => {
    const built = await readdir(path.join(root, 'dist/cli'));
    assert.deepEqual((await readdir(path.join(dist, 'cli'))).sort(), built.sort());
  });

  it('runs a gateway and lists its tools, with nothing else installed', async () => {
    const command = { command: process.execPath, args: [path.join(dist, 'gateway.cjs'), '--sample-server'] };
    const wiring = path.join(folder, '.devcontainer/mcp-gateway');
    await mkdir(wiring, { recursive: true });
    await writeFile(path.join(wiring, 'servers.json'), JSON.stringify({ servers: { sample: command } }));
    assert.match(await cli('--help'), /^Usage: devcontainer-gateway /);
    await cli('up', '--local');
    try {
      assert.match(await cli('tools'), /^sample__/m);
    } finally {
      await cli('down', '--local');
    }
  });
});
