import assert from 'node:assert/strict';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import * as v from 'valibot';
import { processFiles } from '../../src/gateway/local/record';
import { run } from '../../src/platform/run';
import { workspaceStateDir } from '../../src/platform/state';
import { eventually } from '../support/eventually';

const dist = path.resolve(__dirname, '../../dist');
const Diagnosis = v.object({
  ok: v.boolean(),
  place: v.string(),
  checks: v.array(
    v.object({ rule: v.string(), verdict: v.string(), text: v.string(), next: v.optional(v.string()) }),
  ),
});
const Overview = v.object({ url: v.string() });
const Servers = v.object({ servers: v.array(v.object({ name: v.string(), state: v.string() })) });

describe('the doctor, and the switches, at a real gateway', () => {
  let folder: string;
  let workspace: string;
  let servers: string;
  let env: NodeJS.ProcessEnv;
  let url: string;
  let stateDir: string;

  const sample = {
    type: 'stdio',
    command: process.execPath,
    args: [path.join(dist, 'gateway.cjs'), '--sample-server'],
  };

  before(async () => {
    folder = await mkdtemp(path.join(os.tmpdir(), 'doctor-'));
    workspace = path.join(folder, 'work space');
    servers = path.join(workspace, '.devcontainer/mcp-gateway/servers.json');
    await mkdir(path.dirname(servers), { recursive: true });
    await writeFile(servers, JSON.stringify({ servers: { sample } }));
    env = { PATH: process.env['PATH'], HOME: folder, XDG_STATE_HOME: path.join(folder, 'state') };
    ({ stateDir } = processFiles(await workspaceStateDir(workspace, env)));
  });

  after(async () => {
    await cli(['down', '--local']);
    await rm(folder, { recursive: true, force: true });
  });

  async function cli(args: string[], more: NodeJS.ProcessEnv = {}) {
    return await run(process.execPath, [path.join(dist, 'cli.js'), ...args], {
      cwd: workspace,
      env: { ...env, ...more },
    });
  }

  async function diagnose(more: NodeJS.ProcessEnv = {}) {
    const { stdout, stderr, code } = await cli(['doctor', '--json'], more);
    const diagnosis = v.parse(Diagnosis, JSON.parse(stdout));
    assert.deepEqual([stderr, code], ['', diagnosis.ok ? 0 : 1], stdout);
    const of = (rule: string) => diagnosis.checks.find((check) => check.rule === rule);
    return { ...diagnosis, stdout, of };
  }

  async function start(): Promise<void> {
    const { stdout, stderr, code } = await cli(['up', '--local', '--json']);
    assert.equal(code, 0, stderr + stdout);
    ({ url } = v.parse(Overview, JSON.parse(stdout)));
  }

  it('says of a gateway that does not run how it is started', async () => {
    const { code, stdout } = await cli(['doctor']);
    assert.equal(code, 1);
    assert.match(
      stdout,
      /^PROBLEM +gateway\.state +it is stopped\. .*\n +Next: Start the gateway: devcontainer-gateway up/,
    );
  });

  it('finds nothing wrong with a healthy one', async () => {
    await start();
    const { ok, of, stdout } = await diagnose();
    assert.ok(ok, stdout);
    for (const rule of [
      'gateway.state',
      'servers.files',
      'servers.served',
      'servers.state',
      'servers.secrets',
    ])
      assert.equal(of(rule)?.verdict, 'ok', stdout);
  });

  it('tells a broken servers file with its place, and that the last good state is served', async () => {
    const good = await readFile(servers, 'utf8');
    await writeFile(servers, '{ "servers": {\n  "sample": oops\n} }');
    try {
      const { of } = await eventually(async () => {
        const seen = await diagnose();
        return seen.of('servers.served')?.verdict === 'problem' && seen;
      });
      assert.match(of('servers.files')?.text ?? '', /servers\.json:2:13: This is not valid JSON/);
      assert.match(of('servers.served')?.text ?? '', /last good state: .*servers\.json:2:13/);
      assert.equal(of('gateway.state')?.verdict, 'ok');
    } finally {
      await writeFile(servers, good);
    }
    await eventually(async () => (await diagnose()).ok);
  });

  it('tells a failed server, a secret by value and a token that others may read', async () => {
    const good = await readFile(servers, 'utf8');
    const broken = { command: path.join(folder, 'no-such-program'), env: { API_KEY: 'hunter2-hunter2' } };
    await writeFile(servers, JSON.stringify({ servers: { sample, broken } }));
    const tokenFile = path.join(path.dirname(servers), 'token.env');
    await writeFile(tokenFile, 'MCP_GATEWAY_AUTH_TOKEN=another-token-altogether\n', { mode: 0o644 });
    try {
      const { of, stdout } = await eventually(async () => {
        const seen = await diagnose();
        return seen.of('servers.state')?.verdict === 'problem' && seen;
      });
      assert.match(of('servers.state')?.text ?? '', /^broken failed: /);
      assert.match(of('servers.secrets')?.text ?? '', /env\.API_KEY of "broken"/);
      assert.match(of('token.file')?.text ?? '', /does not take the token/);
      if (process.platform !== 'win32') assert.match(of('token.mode')?.text ?? '', /0644/);
      assert.ok(!/hunter2|another-token/.test(stdout));
    } finally {
      await writeFile(servers, good);
      await rm(tokenFile);
    }
    await eventually(async () => (await diagnose()).ok);
  });

  it('tries the token of the variable where only the address is known', async () => {
    const token = (await readFile(path.join(stateDir, 'token'), 'utf8')).trim();
    const right = await diagnose({ MCP_GATEWAY_URL: url, MCP_GATEWAY_AUTH_TOKEN: token });
    assert.deepEqual([right.place, right.of('token.variable')?.verdict], ['dev container', 'ok']);
    const wrong = await diagnose({ MCP_GATEWAY_URL: url, MCP_GATEWAY_AUTH_TOKEN: 'a-wrong-secret-token' });
    assert.equal(wrong.of('token.variable')?.verdict, 'problem', wrong.stdout);
    assert.match(wrong.of('token.variable')?.text ?? '', /does not take it/);
    assert.equal(wrong.of('gateway.state')?.verdict, 'problem');
    assert.ok(!(wrong.stdout + right.stdout).includes(token) && !wrong.stdout.includes('a-wrong-secret'));
    const literal = await diagnose({ MCP_GATEWAY_URL: url, MCP_GATEWAY_AUTH_TOKEN: '${TOKEN}' });
    assert.match(literal.of('token.variable')?.text ?? '', /literal text/);
  });

  it('switches a server and a tool off and on with the admin token of the state folder', async () => {
    const state = async (verb: string, name: string) => {
      const { stdout, stderr, code } = await cli([verb, name, '--json']);
      assert.equal(code, 0, stderr + stdout);
      return v.parse(Servers, JSON.parse(stdout)).servers.map((server) => server.state);
    };
    assert.deepEqual(await state('disable', 'sample'), ['disabled']);
    assert.ok(!(await cli(['tools'])).stdout.includes('sample__'));
    await state('enable', 'sample');
    await eventually(async () => (await cli(['tools'])).stdout.includes('sample__echo'));
    await state('disable', 'sample:echo');
    const listed = (await cli(['tools'])).stdout;
    assert.ok(!listed.includes('sample__echo') && listed.includes('sample__time'), listed);
    await state('enable', 'sample:echo');
    assert.match((await cli(['tools'])).stdout, /sample__echo/);
    const unknown = await cli(['disable', 'nobody']);
    assert.match(unknown.stderr, /There is no server "nobody"\.\nNext: /);
  });

  it('switches nothing from inside the dev container, unless the admin token is named', async () => {
    const token = (await readFile(path.join(stateDir, 'token'), 'utf8')).trim();
    const within = { MCP_GATEWAY_URL: url, MCP_GATEWAY_AUTH_TOKEN: token };
    const refused = await cli(['disable', 'sample'], within);
    assert.equal(refused.code, 1);
    assert.match(refused.stderr, /must not see\.\nNext: .*on the host.*"enabled": false.*servers\.json/);
    const clientToken = await cli(['disable', 'sample'], { ...within, MCP_GATEWAY_ADMIN_TOKEN: token });
    assert.match(clientToken.stderr, /The gateway rejected the admin token\.\nNext: /);
    const named = ['--admin-token-file', path.join(stateDir, 'admin-token')];
    for (const verb of ['disable', 'enable']) {
      const { code, stderr } = await cli([verb, 'sample', ...named], within);
      assert.equal(code, 0, stderr);
    }
  });
});
