import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { appendFile, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { auditOf } from '../support/audit';
import { eventually } from '../support/eventually';
import { ownServer, program, root, startTestGateway, type TestGateway } from '../support/gateway';
import { RawClient } from '../support/raw-client';
import { skipBecause } from '../support/skip';

interface Document {
  servers: { name: string; enabled: boolean }[];
  problems: { message: string; next: string }[];
}

describe('the state folder', () => {
  let folder: string;
  let gateway: TestGateway | undefined;

  beforeEach(async () => (folder = await mkdtemp(path.join(os.tmpdir(), 'mcpt-state-'))));
  afterEach(async () => {
    await gateway?.stop();
    gateway = undefined;
    await rm(folder, { recursive: true, force: true });
  });

  const servers = { one: ownServer('nasty'), two: ownServer('nasty') };
  const start = async (options: { gateway?: object; unsettled?: boolean } = {}): Promise<TestGateway> => {
    gateway = await startTestGateway({
      servers: JSON.stringify({ servers, gateway: options.gateway }),
      args: ['--state', folder],
      ...(options.unsettled === true ? { unsettled: true } : {}),
    });
    return gateway;
  };
  const again = async (options: Parameters<typeof start>[0] = {}): Promise<TestGateway> => {
    await gateway?.stop();
    return await start(options);
  };
  const document = async (): Promise<Document> =>
    (await (await gateway?.fetch('/api/servers'))?.json()) as Document;
  const enabled = async (): Promise<string[]> =>
    (await document()).servers.filter((server) => server.enabled).map(({ name }) => name);
  const admin = async (method: string, where: string, body?: unknown): Promise<Response> => {
    const token = (await readFile(path.join(folder, 'admin-token'), 'utf8')).trim();
    assert.ok(gateway);
    return await fetch(gateway.base + where, {
      method,
      headers: { authorization: `Bearer ${token}` },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
  };

  describe('with a damaged list of switches', () => {
    for (const [kind, damage] of [
      ['cut off', (text: string): string => text.slice(0, text.length / 2)],
      ['empty', (): string => ''],
      ['of another form', (): string => '{"version":1,"switches":[]}'],
      ['of zeros', (text: string): string => '\0'.repeat(text.length)],
    ] as const)
      it(`that is ${kind} serves nothing, keeps the file, and says what to do`, async () => {
        await start();
        assert.equal((await admin('POST', '/api/servers/two/disable')).status, 200);
        const file = path.join(folder, 'runtime.json');
        await gateway?.stop();
        const damaged = damage(await readFile(file, 'utf8'));
        await writeFile(file, damaged);
        await start();
        assert.deepEqual(await enabled(), []);
        const [problem] = (await document()).problems;
        assert.match(
          problem?.message ?? '',
          /runtime\.json is damaged: .*every server is off now\. It was kept as .*runtime\.json\.damaged-/s,
        );
        assert.match(problem?.next ?? '', /devcontainer-gateway enable --all$/);
        const [aside] = (await readdir(folder)).filter((name) => name.startsWith('runtime.json.damaged-'));
        assert.equal(await readFile(path.join(folder, aside ?? ''), 'utf8'), damaged);
        // Another start does not forget it, and a switch turns on one server alone.
        await again();
        assert.deepEqual(await enabled(), []);
        assert.match(
          (await document()).problems[0]?.message ?? '',
          /was damaged before, so every server is off/,
        );
        assert.equal((await admin('POST', '/api/servers/one/enable')).status, 200);
        assert.deepEqual(await enabled(), ['one']);
        await again();
        assert.deepEqual(await enabled(), ['one']);
        assert.equal((await admin('POST', '/api/switches/reset')).status, 200);
        assert.deepEqual(await enabled(), ['one', 'two']);
        assert.deepEqual((await document()).problems, []);
        await again();
        assert.deepEqual(await enabled(), ['one', 'two']);
      });
  });

  it('with damaged tokens accepts none of them, and overwrites nothing', async () => {
    await start();
    const created = await admin('POST', '/api/tokens', { name: 'ci' });
    const { token } = (await created.json()) as { token: string };
    await gateway?.stop();
    const file = path.join(folder, 'tokens.json');
    const damaged = (await readFile(file, 'utf8')).slice(0, -10);
    await writeFile(file, damaged);
    await start();
    assert.equal(
      (await gateway?.fetch('/mcp', { headers: { authorization: `Bearer ${token}` } }))?.status,
      401,
    );
    assert.equal((await admin('POST', '/api/tokens', { name: 'other' })).status, 409);
    assert.equal(await readFile(file, 'utf8'), damaged);
    assert.match((await document()).problems[0]?.message ?? '', /tokens\.json could not be read/);
  });

  it('with a damaged list of seen tools keeps the file, and says that changes may be missed', async () => {
    await writeFile(path.join(folder, 'tools-seen.json'), '{"version":1,"tools":[{]}');
    await start();
    assert.match(
      (await document()).problems[0]?.message ?? '',
      /tools-seen\.json is damaged.*is not marked/s,
    );
    assert.ok((await readdir(folder)).some((name) => name.startsWith('tools-seen.json.damaged-')));
  });

  it('with accepted settings that are damaged accepts none', async () => {
    await writeFile(path.join(folder, 'accepted-settings.json'), '{"version":1,"accepted":{"audit.enabled":');
    await start({ gateway: { audit: { enabled: false } } });
    const messages = (await document()).problems.map(({ message }) => message);
    assert.match(messages[0] ?? '', /accepted-settings\.json is damaged.*none is accepted/s);
    assert.match(messages[1] ?? '', /gateway\.audit\.enabled to false/);
  });

  it('belongs to one gateway: another one is refused and changes nothing', async () => {
    await start();
    const child = spawn(process.execPath, [program, '--port', '0', '--state', folder], { cwd: root });
    let stderr = '';
    child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text));
    await once(child, 'exit');
    assert.equal(child.exitCode, 1);
    assert.match(
      stderr,
      new RegExp(
        `${folder} is in use by another gateway: process ${gateway?.process.pid},.*\nNext: Stop that`,
        's',
      ),
    );
    assert.equal((await admin('POST', '/api/servers/two/disable')).status, 200);
    gateway?.process.kill('SIGKILL');
    await once(gateway?.process ?? process, 'exit');
    await start();
    assert.deepEqual(await enabled(), ['one']);
  });

  it('is shared by gateways on standard input, each with an audit of its own', async () => {
    await start();
    const call = [
      '{"jsonrpc":"2.0","id":0,"method":"initialize","params":{"protocolVersion":"2025-06-18","capabilities":{},"clientInfo":{"name":"t","version":"1"}}}',
      '{"jsonrpc":"2.0","method":"notifications/initialized"}',
      '{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"one__ping","arguments":{}}}',
    ];
    const file = path.join(gateway?.folder ?? '', 'servers.json');
    const args = [program, '--stdio', '--servers', file, '--state', folder];
    const child = spawn(process.execPath, args, { cwd: root, stdio: ['pipe', 'pipe', 'inherit'] });
    let stdout = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => (stdout += text));
    child.stdin.write(call.map((line) => `${line}\n`).join(''));
    await eventually(() => stdout.includes('"id":1'));
    child.stdin.end();
    await once(child, 'exit');
    const lines = (await readFile(path.join(folder, 'audit-2/audit.jsonl'), 'utf8')).trim().split('\n');
    assert.equal(lines.length, 1);
    assert.match(lines[0] ?? '', /"name":"ping"/);
  });

  it('keeps what it can of the servers that were added, when one is not valid any more', async () => {
    const good = { type: 'stdio', ...ownServer('nasty') };
    const bad = { type: 'rest', baseUrl: 'http://127.0.0.1:1', headers: { Connection: 'close' }, tools: [] };
    await writeFile(
      path.join(folder, 'runtime.json'),
      JSON.stringify({ version: 1, servers: { good, bad }, switches: [{ server: 'two', enabled: false }] }),
    );
    await start();
    assert.deepEqual((await enabled()).sort(), ['good', 'one']);
    assert.match((await document()).problems[0]?.message ?? '', /The server "bad".*is not valid/);
  });

  it('can be taken by a gateway that listens while one on standard input is there', async () => {
    const args = [program, '--stdio', '--state', folder];
    const child = spawn(process.execPath, args, { cwd: root, stdio: ['pipe', 'pipe', 'inherit'] });
    await eventually(async () => (await readdir(folder)).includes('owner-2'));
    await start();
    assert.deepEqual((await enabled()).sort(), ['one', 'two']);
    child.stdin.end();
    await once(child, 'exit');
  });

  it('has whole audit lines after a gateway was stopped in the middle of one', async () => {
    await mkdir(path.join(folder, 'audit'));
    await writeFile(path.join(folder, 'audit/audit.jsonl'), '{"id":1}\n{"id":2,"na');
    const running = await start();
    const client = await RawClient.open(running);
    await client.request('tools/call', '{"name":"one__ping","arguments":{}}');
    const lines = (await readFile(path.join(folder, 'audit/audit.jsonl'), 'utf8')).trim().split('\n');
    assert.equal(lines[0], '{"id":1}');
    for (const line of lines) JSON.parse(line);
    assert.equal(lines.length, 2);
  });

  it('on a full disk keeps audit lines whole, and says which file and which disk', async function () {
    const mounted = spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=256k', 'tmpfs', folder]);
    if (mounted.status !== 0) skipBecause(this, 'mounting a small disk needs root on Linux');
    try {
      const running = await start();
      const client = await RawClient.open(running);
      const call = async (): Promise<string> =>
        (await client.request('tools/call', '{"name":"one__ping","arguments":{}}')).toString();
      await call();
      // All that is left of the disk, to the last byte.
      const filler = path.join(folder, 'filler');
      for (const size of [16_384, 4096, 64, 1])
        for (let full = false; !full;) await appendFile(filler, 'x'.repeat(size)).catch(() => (full = true));
      for (let i = 0; i < 40; i += 1) assert.match(await call(), /"result"/);
      const audited = path.join(folder, 'audit/audit.jsonl');
      const text = await readFile(audited, 'utf8');
      assert.ok(text.endsWith('\n'));
      for (const line of text.trim().split('\n')) JSON.parse(line);
      const told = (await document()).problems.map(({ message, next }) => `${message} ${next}`).join('\n');
      assert.match(
        told,
        /not audited: .*audit\.jsonl could not be written: the disk that holds .*audit is full\. Free some/,
      );
      const refused = await admin('PUT', '/api/secrets/SOME_NAME', 'x'.repeat(1000));
      assert.equal(refused.status, 507);
      const { error } = (await refused.json()) as { error: { code: string; message: string } };
      assert.equal(error.code, 'storage');
      assert.match(error.message, /secrets\.env could not be written: the disk that holds .* is full/);
      await rm(filler);
      await call();
      await call();
      assert.deepEqual((await document()).problems, []);
    } finally {
      await gateway?.stop();
      gateway = undefined;
      spawnSync('umount', ['-l', folder]);
    }
  });
});

describe('settings of servers.json that guard', () => {
  const servers = { good: ownServer('nasty') };
  const file = (gateway: object): string => JSON.stringify({ servers, gateway });
  let gateway: TestGateway;

  before(async () => (gateway = await startTestGateway({ servers: file({}) })));
  after(async () => await gateway.stop());

  interface Settings {
    looser: { setting: string; asked: unknown; used: unknown }[];
    accepted: Record<string, unknown>;
  }
  const settings = async (): Promise<Settings> =>
    (await (await gateway.fetch('/api/settings')).json()) as Settings;
  const put = async (body: unknown, token: string): Promise<Response> =>
    await fetch(`${gateway.base}/api/settings/accepted`, {
      method: 'PUT',
      headers: { authorization: `Bearer ${token}` },
      body: JSON.stringify(body),
    });
  const ping = async (): Promise<void> => {
    const client = await RawClient.open(gateway);
    await client.request('tools/call', '{"name":"good__ping","arguments":{}}');
  };
  const adminToken = async (): Promise<string> =>
    (await readFile(path.join(gateway.folder, 'state/admin-token'), 'utf8')).trim();

  it('take no effect when a commit makes them looser, and say so', async () => {
    await writeFile(
      path.join(gateway.folder, 'servers.json'),
      file({ audit: { enabled: false }, limits: { connections: 100_000 } }),
    );
    await eventually(async () => (await settings()).looser.length === 2);
    assert.deepEqual(await settings(), {
      looser: [
        { setting: 'audit.enabled', asked: false, used: true },
        { setting: 'limits.connections', asked: 100_000, used: 1000 },
      ],
      accepted: {},
    });
    await ping();
    const before = (await auditOf(gateway)).length;
    await ping();
    assert.equal((await auditOf(gateway)).length, before + 1);
    const { problems } = (await (await gateway.fetch('/api/servers')).json()) as Document;
    assert.match(problems[0]?.message ?? '', /sets gateway\.audit\.enabled to false.*until you accept it/);
    assert.match(problems[0]?.next ?? '', /devcontainer-gateway settings accept/);
  });

  it('are accepted with the admin token alone, one by one, and for good', async () => {
    assert.equal((await put({ accepted: { 'audit.enabled': false } }, gateway.token)).status, 403);
    for (const wrong of [
      {},
      { accepted: { 'gateway.kind': 1 } },
      { accepted: { __proto__x: true } },
      { accepted: { 'audit.enabled': 'no' } },
    ])
      assert.equal((await put(wrong, await adminToken())).status, 400);
    assert.equal((await settings()).looser.length, 2);
    assert.equal((await put({ accepted: { 'audit.enabled': false } }, await adminToken())).status, 200);
    assert.deepEqual(
      (await settings()).looser.map(({ setting }) => setting),
      ['limits.connections'],
    );
    const before = (await auditOf(gateway)).length;
    await ping();
    assert.equal((await auditOf(gateway)).length, before);
  });
});
