import assert from 'node:assert/strict';
import { chmod, copyFile, readdir, readFile, stat, writeFile } from 'node:fs/promises';
import path from 'node:path';
import * as v from 'valibot';
import { DevContainer, removeLeftovers } from '../support/dev-container';
import { docker, lines, tryDocker } from '../support/docker';
import { inspectContainer, publishedPort } from '../support/engine-facts';
import { eventually } from '../support/eventually';
import { RawClient } from '../support/raw-client';
import { run } from '../../src/platform/run';
import { skipBecause } from '../support/skip';
import { tokenOf } from '../support/token-search';

const state = '/var/lib/mcp-gateway';
const secrets = { ONE_SECRET: 'the-secret-of-one-7316', TWO_SECRET: 'the-secret-of-two-9042' };
const folders = [state, '/run/mcp-gateway', '/tmp', '/opt/mcp-gateway', `${state}/home`, `${state}/homes`];
const hostile = { type: 'stdio', command: 'node', args: ['hostile.mjs'] };

const Answer = v.object({
  result: v.object({ content: v.tuple([v.object({ text: v.pipe(v.string(), v.parseJson()) })]) }),
});
const Who = v.looseObject({
  Uid: v.string(),
  Groups: v.string(),
  CapPrm: v.string(),
  CapEff: v.string(),
  CapAmb: v.string(),
  NoNewPrivs: v.string(),
  outOfMemory: v.number(),
  environment: v.record(v.string(), v.string()),
});
const Texts = v.array(v.string());
const Overview = v.object({
  problems: v.array(v.object({ message: v.string() })),
  servers: v.array(v.object({ name: v.string(), state: v.string() })),
});

/** A sidecar with hostile servers: `plain` has no secret, `one` and `two` have one each. */
class Sidecar {
  private constructor(
    readonly container: DevContainer,
    readonly gateway: { base: string; token: string },
    readonly id: string,
    readonly admin: string,
    private readonly client: RawClient,
  ) {}

  /** `prepare` runs after the dev container was wired, before the sidecar is made. */
  static async start(name: string, prepare?: (container: DevContainer) => Promise<void>): Promise<Sidecar> {
    const container = await DevContainer.copyOf('javascript-node-postgres', name);
    await container.mustCli('add', '--yes', '--json', '--no-start');
    await copyFile(
      path.resolve('test/support/servers/hostile.mjs'),
      path.join(container.folder, 'hostile.mjs'),
    );
    const servers = {
      plain: hostile,
      one: { ...hostile, env: { OWN: '${ONE_SECRET}' } },
      two: { ...hostile, env: { OWN: '${TWO_SECRET}' } },
    };
    const folder = path.join(container.folder, '.devcontainer/mcp-gateway');
    await writeFile(path.join(folder, 'servers.json'), JSON.stringify({ servers }));
    await prepare?.(container);
    await container.mustCli('up');
    return await Sidecar.of(container);
  }

  static async of(container: DevContainer): Promise<Sidecar> {
    const id = await container.container('mcp-gateway');
    const base = `http://127.0.0.1:${await publishedPort(id)}`;
    const gateway = { base, token: await tokenOf(container.folder) };
    const admin = (await docker('exec', id, 'cat', `${state}/admin-token`)).trim();
    for (const [key, value] of Object.entries(secrets)) {
      const headers = { authorization: `Bearer ${admin}` };
      const put = await fetch(`${base}/api/secrets/${key}`, { method: 'PUT', headers, body: value });
      assert.equal(put.status, 204, await put.text());
    }
    const sidecar = new Sidecar(container, gateway, id, admin, await RawClient.open(gateway));
    await eventually(async () => {
      const { servers } = await sidecar.overview();
      assert.deepEqual([...new Set(servers.map((server) => server.state))], ['ready']);
      return true;
    }, 'the servers with secrets');
    return sidecar;
  }

  async overview(): Promise<v.InferOutput<typeof Overview>> {
    const headers = { authorization: `Bearer ${this.gateway.token}` };
    const response = await fetch(`${this.gateway.base}/api/servers`, { headers });
    return v.parse(Overview, await response.json());
  }

  async attack(server: string, tool: string, args: object = {}): Promise<unknown> {
    const bytes = await this.client.request(
      'tools/call',
      JSON.stringify({ name: `${server}__${tool}`, arguments: args }),
    );
    return v.parse(Answer, JSON.parse(bytes.toString())).result.content[0].text;
  }

  async who(server: string): Promise<v.InferOutput<typeof Who>> {
    return v.parse(Who, await this.attack(server, 'who'));
  }
}

const uidOf = ({ Uid }: { Uid: string }): number => Number(Uid.split(/\s+/)[0]);

describe('a hostile server in the sidecar', () => {
  let sidecar: Sidecar;

  before(async () => {
    await removeLeftovers();
    sidecar = await Sidecar.start('hostile');
  });

  after(async () => await sidecar.container.dispose());

  it('has a user of its own when it has a secret, else that of the workspace, and never a capability', async () => {
    const [plain, one, two] = await Promise.all(
      ['plain', 'one', 'two'].map(async (name) => sidecar.who(name)),
    );
    assert.ok(plain && one && two);
    assert.equal(uidOf(plain), 1000);
    assert.equal(new Set([0, 1000, uidOf(one), uidOf(two)]).size, 4);
    for (const { Groups, CapPrm, CapEff, CapAmb, NoNewPrivs, outOfMemory } of [plain, one, two]) {
      assert.equal(outOfMemory, 300);
      assert.equal(Groups, '');
      for (const capabilities of [CapPrm, CapEff, CapAmb]) assert.match(capabilities, /^0+$/);
      assert.equal(NoNewPrivs, '1');
    }
    assert.equal((await sidecar.overview()).problems.length, 0);
  });

  for (const server of ['plain', 'one']) {
    it(`finds no secret but its own, and no admin token, as ${server}`, async () => {
      const hidden = server === 'one' ? [secrets.TWO_SECRET] : Object.values(secrets);
      const needles = [...hidden, sidecar.admin];
      assert.deepEqual(
        v.parse(Texts, await sidecar.attack(server, 'search', { needles, folders, pids: 'all' })),
        [],
      );
    });
  }

  it('finds the secret that it was given, so the search does find things', async () => {
    const { environment } = await sidecar.who('one');
    assert.equal(environment['OWN'], secrets.ONE_SECRET);
    const needles = [sidecar.gateway.token];
    const found = v.parse(Texts, await sidecar.attack('plain', 'search', { needles, folders, pids: 'all' }));
    assert.deepEqual([...new Set(found)], [`${sidecar.gateway.token} in /run/mcp-gateway/token`]);
  });

  it('cannot use the admin API, even when it had the token, nor when it closes the connection at once', async () => {
    const own = lines(await docker('exec', sidecar.id, 'hostname', '-i'))[0];
    const body = { name: 'evil', definition: { command: 'node', env: { STOLEN: '${TWO_SECRET}' } } };
    const request = { path: '/api/servers', method: 'POST', body, token: sidecar.admin, port: 8811 };
    for (const address of ['127.0.0.1', own]) {
      const answer = await sidecar.attack('plain', 'request', { ...request, address });
      assert.match(String(answer), /^HTTP\/1\.1 403 [^]*inside the sidecar/, address);
      await sidecar.attack('one', 'request', { ...request, address, close: true });
    }
    const asClient = await sidecar.attack('plain', 'request', { ...request, token: sidecar.gateway.token });
    assert.match(String(asClient), /^HTTP\/1\.1 403 /);
    const names = (await sidecar.overview()).servers.map(({ name }) => name);
    assert.deepEqual(names.sort(), ['one', 'plain', 'two']);
  });

  it('leaves the admin API to the host, and to root inside', async () => {
    const headers = { authorization: `Bearer ${sidecar.admin}` };
    assert.equal((await fetch(`${sidecar.gateway.base}/api/secrets`, { headers })).status, 200);
    assert.match(await sidecar.container.mustCli('secret', 'ls'), /ONE_SECRET/);
    const script = `fetch('http://127.0.0.1:8811/api/secrets',{headers:${JSON.stringify(headers)}}).then(r=>console.log(r.status))`;
    assert.equal((await docker('exec', sidecar.id, 'node', '-e', script)).trim(), '200');
  });

  it('can neither signal nor change the gateway and servers with secrets', async () => {
    const Signals = v.array(
      v.object({ pid: v.number(), uid: v.string(), stopped: v.string(), written: v.string() }),
    );
    for (const server of ['plain', 'one']) {
      const me = String(uidOf(await sidecar.who(server)));
      const others = v
        .parse(Signals, await sidecar.attack(server, 'signal'))
        .filter(({ uid }) => uid !== me && /^\d+$/.test(uid));
      assert.ok(others.some(({ pid }) => pid === 1));
      assert.ok(others.length >= 3, JSON.stringify(others));
      for (const { stopped, written } of others) {
        assert.equal(stopped, 'EPERM');
        assert.equal(written, 'EACCES');
      }
    }
  });

  it('cannot plant a link or a file where the gateway writes, nor replace the published token', async () => {
    const places = [
      '/run/mcp-gateway/token',
      '/run/mcp-gateway/other',
      ...['secrets.env', 'admin-token', 'runtime.json', 'audit', 'home', 'homes', 'homes/two', 'other'].map(
        (name) => `${state}/${name}`,
      ),
    ];
    const target = '/tmp/elsewhere';
    for (const server of ['plain', 'one']) {
      const made = v.parse(
        v.record(v.string(), v.string()),
        await sidecar.attack(server, 'links', { target, places }),
      );
      for (const [place, outcome] of Object.entries(made)) assert.match(outcome, /^E/, `${server}: ${place}`);
    }
    const { token } = sidecar.gateway;
    assert.equal((await docker('exec', sidecar.id, 'cat', '/run/mcp-gateway/token')).trim(), token);
  });

  it('without a secret ends with its processes too, as far as they keep their environment', async () => {
    const left = v.parse(
      v.object({ pid: v.number() }),
      await sidecar.attack('plain', 'fork', { keep: true }),
    );
    const gone = async (): Promise<boolean> =>
      (await tryDocker('exec', sidecar.id, 'test', '-e', `/proc/${left.pid}`)).code !== 0;
    assert.equal(await gone(), false);
    await sidecar.container.mustCli('disable', 'plain');
    await eventually(gone, 'the end of the process that was left behind');
    await sidecar.container.mustCli('enable', 'plain');
    await eventually(async () => uidOf(await sidecar.who('plain')) === 1000, 'plain again');
  });

  it('ends with all its processes, also those that left its group and cleared their environment', async () => {
    const { environment } = await sidecar.who('one');
    assert.notEqual(environment['HOME'], (await sidecar.who('two')).environment['HOME']);
    const uid = uidOf(await sidecar.who('one'));
    await sidecar.attack('one', 'fork');
    const count = async (): Promise<number> => {
      const script = 'for file in /proc/[0-9]*/status; do cat $file 2>/dev/null; echo; done; true';
      const statuses = (await docker('exec', sidecar.id, 'sh', '-c', script)).split('\n\n');
      return statuses.filter((one) => new RegExp(`^Uid:\\s+${uid}\\s`, 'm').test(one)).length;
    };
    assert.ok((await count()) >= 2);
    await sidecar.container.mustCli('disable', 'one');
    await eventually(async () => (await count()) === 0, 'the end of the processes of one');
    await sidecar.container.mustCli('enable', 'one');
    await eventually(async () => uidOf(await sidecar.who('one')) === uid, 'one with the same user');
  });

  it('still cannot after a restart, and the servers keep their users', async () => {
    const before = uidOf(await sidecar.who('two'));
    await sidecar.container.mustCli('restart');
    sidecar = await Sidecar.of(sidecar.container);
    assert.equal(uidOf(await sidecar.who('two')), before);
    const needles = [...Object.values(secrets), sidecar.admin];
    assert.deepEqual(
      v.parse(Texts, await sidecar.attack('plain', 'search', { needles, folders, pids: 'all' })),
      [],
    );
  });
});

describe('a sidecar whose state an earlier version shared with its servers', () => {
  let sidecar: Sidecar;
  const admin = 'the-admin-token-from-before';

  before(async () => {
    await removeLeftovers();
    sidecar = await Sidecar.start('earlier', async ({ project, env }) => {
      const volume = `${project}_mcp-gateway-state`;
      const labels = { project, volume: 'mcp-gateway-state' };
      const options = Object.entries(labels).flatMap(([k, value]) => [
        '--label',
        `com.docker.compose.${k}=${value}`,
      ]);
      await docker('volume', 'create', ...options, volume);
      const image = env['MCP_GATEWAY_BASE_IMAGE'] ?? '';
      const mount = ['--volume', `${volume}:${state}`];
      await docker('run', '--rm', ...mount, image, 'chown', '1000:1000', state);
      const script = [
        `cd ${state}; umask 022; mkdir -p home/.npm audit catalogue`,
        `echo ${admin} > admin-token; echo OLD=kept > secrets.env; echo '{"line":1}' > audit/audit.jsonl`,
        'echo cached > home/.npm/file; echo remembered > memory.jsonl; ln -s /etc/passwd tools-seen.json',
      ].join('\n');
      await docker('run', '--rm', '--user', '1000:1000', ...mount, image, 'sh', '-ec', script);
    });
  });

  after(async () => await sidecar.container.dispose());

  it('keeps the admin token, the secrets and the caches, and closes the state to servers', async () => {
    assert.equal(sidecar.admin, admin);
    const format = async (file: string): Promise<string> =>
      (await docker('exec', sidecar.id, 'stat', '-c', '%u:%g %a %F', `${state}/${file}`)).trim();
    assert.equal(await format('.'), '0:0 711 directory');
    for (const file of ['admin-token', 'secrets.env', 'audit/audit.jsonl'])
      assert.match(await format(file), /^0:0 600 /, file);
    assert.equal(await format('audit'), '0:0 700 directory');
    assert.equal(await format('home'), '1000:1000 700 directory');
    assert.equal(await format('home/.npm/file'), '1000:1000 644 regular file');
    const needles = [admin, 'OLD=kept'];
    assert.deepEqual(
      v.parse(Texts, await sidecar.attack('plain', 'search', { needles, folders, pids: 'all' })),
      [],
    );
  });

  it('moves what servers had put there to where MCP_GATEWAY_STATE leads now, and follows no link', async () => {
    assert.equal(
      (await docker('exec', sidecar.id, 'cat', `${state}/home/memory.jsonl`)).trim(),
      'remembered',
    );
    const passwd = await docker('exec', sidecar.id, 'stat', '-c', '%a', '/etc/passwd');
    assert.equal(passwd.trim(), '644');
  });

  it('publishes the token with the owner and mode that the dev container expects', async () => {
    const file = await docker('exec', sidecar.id, 'stat', '-c', '%u:%g %a', '/run/mcp-gateway/token');
    assert.equal(file.trim(), '1000:1000 644');
  });
});

describe('a sidecar beside a workspace of user 1000 whose files of the gateway are closed to others', () => {
  let sidecar: Sidecar;

  before(async function () {
    if (process.getuid?.() !== 0) skipBecause(this, 'the test has to be root to give files to user 1000');
    await removeLeftovers();
    sidecar = await Sidecar.start('closed', async ({ folder }) => {
      const gateway = path.join(folder, '.devcontainer/mcp-gateway');
      for (const name of ['', ...(await readdir(gateway))])
        await chmod(path.join(gateway, name), name === '' ? 0o700 : 0o600);
      const { code, stderr } = await run('chown', ['-R', '1000:1000', folder]);
      assert.equal(code, 0, stderr);
    });
  });

  after(async () => await sidecar.container.dispose());

  it('reads servers.json, lets servers without secrets write the workspace, and no others', async () => {
    const { servers, problems } = await sidecar.overview();
    assert.deepEqual(servers.map(({ name }) => name).sort(), ['one', 'plain', 'two']);
    assert.deepEqual(problems, []);
    assert.equal(await sidecar.attack('plain', 'write', { file: 'from-plain', text: 'text' }), 'done');
    assert.equal((await stat(path.join(sidecar.container.folder, 'from-plain'))).uid, 1000);
    assert.equal(await sidecar.attack('one', 'write', { file: 'from-one', text: 'text' }), 'EACCES');
  });

  it('cannot have its servers changed through the folder that it reads them from', async () => {
    const file = '/opt/mcp-gateway/config/servers.json';
    assert.equal(await sidecar.attack('plain', 'write', { file, text: '{}' }), 'EROFS');
  });
});

describe('a sidecar that may not change users', () => {
  let sidecar: Sidecar;

  before(async () => {
    await removeLeftovers();
    sidecar = await Sidecar.start('one-user', async ({ folder }) => {
      const file = path.join(folder, '.devcontainer/docker-compose.mcp-gateway.yml');
      const text = await readFile(file, 'utf8');
      await writeFile(file, text.replace('user: 0:0', 'user: 1000:1000'));
    });
  });

  after(async () => await sidecar.container.dispose());

  it('runs everything as one user, says so, and still refuses changes from inside', async () => {
    const { Config } = await inspectContainer(sidecar.id);
    assert.equal(Config.User, '1000:1000');
    assert.equal(uidOf(await sidecar.who('one')), 1000);
    const { problems } = await sidecar.overview();
    assert.match(
      problems.map(({ message }) => message).join('\n'),
      /run as one user, because it runs as user 1000/,
    );
    const diagnosis = await sidecar.container.cli('doctor');
    assert.match(diagnosis.stdout, /run as one user/);
    const needles = [sidecar.admin, secrets.ONE_SECRET];
    const found = v.parse(Texts, await sidecar.attack('plain', 'search', { needles, folders, pids: 'all' }));
    assert.ok(found.includes(`${sidecar.admin} in ${state}/admin-token`));
    assert.ok(
      found.some((each) => each.startsWith(`${secrets.ONE_SECRET} in /proc/`)),
      'the search does not look into processes',
    );
    const request = { path: '/api/secrets', token: sidecar.admin, port: 8811 };
    assert.match(String(await sidecar.attack('plain', 'request', request)), /^HTTP\/1\.1 403 /);
  });
});
