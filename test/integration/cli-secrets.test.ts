import assert from 'node:assert/strict';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import * as v from 'valibot';
import { processFiles } from '../../src/gateway/local/record';
import { run } from '../../src/platform/run';
import { workspaceStateDir } from '../../src/platform/state';
import { eventually } from '../support/eventually';
import { ownServer } from '../support/gateway';

const dist = path.resolve(__dirname, '../../dist');
const Overview = v.object({ url: v.string() });
const Servers = v.object({ servers: v.array(v.object({ name: v.string(), state: v.string() })) });

describe('the verbs of secrets', () => {
  const value = 'typed-by-nobody';
  let folder: string;
  let workspace: string;
  let env: NodeJS.ProcessEnv;
  let url: string;
  let stateDir: string;

  async function cli(args: string[], { input, ...more }: NodeJS.ProcessEnv & { input?: string } = {}) {
    const options = input === undefined ? {} : { input };
    const result = await run(process.execPath, [path.join(dist, 'cli.js'), ...args], {
      cwd: workspace,
      env: { ...env, ...more },
      ...options,
    });
    assert.ok(!(result.stdout + result.stderr).includes(value));
    return result;
  }

  const stateOf = async (): Promise<string | undefined> =>
    v.parse(Servers, JSON.parse((await cli(['servers', '--json'])).stdout)).servers[0]?.state;

  before(async () => {
    folder = await mkdtemp(path.join(os.tmpdir(), 'secrets-'));
    workspace = path.join(folder, 'work space');
    const servers = path.join(workspace, '.devcontainer/mcp-gateway/servers.json');
    await mkdir(path.dirname(servers), { recursive: true });
    const needing = ownServer('nasty', 'good', '${API_KEY}');
    await writeFile(servers, JSON.stringify({ servers: { needing } }));
    env = { PATH: process.env['PATH'], HOME: folder, XDG_STATE_HOME: path.join(folder, 'state') };
    ({ stateDir } = processFiles(await workspaceStateDir(workspace, env)));
    const { stdout } = await cli(['up', '--local', '--json']);
    ({ url } = v.parse(Overview, JSON.parse(stdout)));
  });

  after(async () => {
    await cli(['down', '--local']);
    await rm(folder, { recursive: true, force: true });
  });

  it('name what servers need, take its value from standard input, and take it away again', async () => {
    assert.equal(await stateOf(), 'failed');
    const before = await cli(['secret', 'ls']);
    assert.match(
      before.stderr,
      /API_KEY has no value: needing\n {2}Next: devcontainer-gateway secret set API_KEY/,
    );
    const set = await cli(['secret', 'set', 'API_KEY', '--json'], { input: `${value}\n` });
    assert.deepEqual([JSON.parse(set.stdout), set.code], [{ name: 'API_KEY' }, 0]);
    await eventually(async () => (await stateOf()) === 'ready', 'the server being ready');
    assert.equal(await readFile(path.join(stateDir, 'secrets.env'), 'utf8'), `API_KEY=${value}\n`);
    const listed = await cli(['secret', 'ls', '--json']);
    assert.deepEqual(JSON.parse(listed.stdout), { secrets: ['API_KEY'], missing: [] });
    assert.equal((await cli(['secret', 'rm', 'API_KEY'])).code, 0);
    await eventually(async () => (await stateOf()) === 'failed', 'the server lacking it again');
    assert.match((await cli(['secret', 'rm', 'API_KEY'])).stderr, /There is no secret "API_KEY"\.\nNext: /);
  });

  it('take no value as an argument, and do not repeat it', async () => {
    const assigned = await cli(['secret', 'set', `API_KEY=${value}`], { input: '' });
    assert.deepEqual([assigned.code, assigned.stdout], [2, '']);
    assert.match(assigned.stderr, /not a valid name for a secret\.\nNext: .*standard input/);
    assert.equal((await cli(['secret', 'set', 'API_KEY', value], { input: '' })).code, 2);
    const empty = await cli(['secret', 'set', 'API_KEY'], { input: '\n' });
    assert.match(empty.stderr, /The value of API_KEY is empty/);
    assert.equal((await cli(['secret', 'set', 'API_KEY'], { input: `one\n${value}` })).code, 1);
  });

  it('do nothing inside the dev container, and say where they work', async () => {
    const token = (await readFile(path.join(stateDir, 'token'), 'utf8')).trim();
    const within = { MCP_GATEWAY_URL: url, MCP_GATEWAY_AUTH_TOKEN: token };
    for (const args of [['ls'], ['set', 'API_KEY'], ['rm', 'API_KEY']]) {
      const refused = await cli(['secret', ...args], { ...within, input: value });
      assert.equal(refused.code, 1);
      assert.match(refused.stderr, /must not see\.\nNext: Run "devcontainer-gateway secret …" on the host/);
    }
    const client = await cli(['secret', 'ls'], { ...within, MCP_GATEWAY_ADMIN_TOKEN: token });
    assert.match(client.stderr, /The gateway rejected the admin token\.\nNext: /);
  });
});
