import assert from 'node:assert/strict';
import { readdir, readFile, stat, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { auditOf } from '../support/audit';
import { eventually } from '../support/eventually';
import { ownServer, realServers, startTestGateway, type TestGateway } from '../support/gateway';
import { RawClient } from '../support/raw-client';

const withSettings = (servers: object, gateway: object): string => JSON.stringify({ servers, gateway });

async function acceptSettings(gateway: TestGateway, accepted: object): Promise<void> {
  const token = (await readFile(path.join(gateway.folder, 'state/admin-token'), 'utf8')).trim();
  const response = await fetch(`${gateway.base}/api/settings/accepted`, {
    method: 'PUT',
    headers: { authorization: `Bearer ${token}` },
    body: JSON.stringify({ accepted }),
  });
  assert.equal(response.status, 200);
}

describe('the audit', () => {
  let gateway: TestGateway;

  before(async () => {
    gateway = await startTestGateway({
      servers: { ...realServers, good: ownServer('nasty'), mute: ownServer('nasty') },
    });
  });
  after(async () => gateway.stop());

  it('has a line for each call: who, what, how large, how long, how it ended, and no value of an argument', async () => {
    const client = await RawClient.open(gateway);
    const params =
      '{"name":"everything__echo","arguments":{"message":"very private","n":[1],"deep":{"a":1}}}';
    const answer = await client.request('tools/call', params);
    const line = (await auditOf(gateway)).at(-1);
    assert.ok(line);
    const { time, id, ms, queuedMs, resultBytes, ...rest } = line;
    assert.deepEqual(rest, {
      token: 'default',
      session: client.session,
      client: 'raw',
      server: 'everything',
      method: 'tools/call',
      name: 'echo',
      requestBytes: params.length,
      outcome: 'result',
      shape: { message: 'string', n: 'array', deep: 'object' },
    });
    assert.ok(Math.abs(Date.parse(time) - Date.now()) < 60_000);
    assert.ok(id > 0 && ms > 0 && queuedMs >= 0 && resultBytes > 0 && resultBytes < answer.length);
    const text = await readFile(path.join(gateway.folder, 'state/audit/audit.jsonl'), 'utf8');
    assert.ok(!text.includes('very private'));
  });

  it('says how each call ended', async () => {
    const client = await RawClient.open(gateway);
    await client.request(
      'tools/call',
      '{"name":"filesystem__read_text_file","arguments":{"path":"/no/such"}}',
    );
    await client.request('prompts/get', '{"name":"everything__simple-prompt"}');
    await client.request('resources/read', '{"uri":"demo://no/such"}');
    await client.request('tools/call', '{"name":"good__crash","arguments":{}}');
    const lines = (await auditOf(gateway)).filter(({ session }) => session === client.session);
    const said = lines.map(({ method, name, outcome, isError }) => [method, name, outcome, isError ?? false]);
    assert.deepEqual(said[0], ['tools/call', 'read_text_file', 'result', true]);
    assert.deepEqual(said[1], ['prompts/get', 'simple-prompt', 'result', false]);
    assert.deepEqual(said[2], ['resources/read', 'demo://no/such', 'error', false]);
    assert.deepEqual(said.at(-1), ['tools/call', 'crash', 'error', false]);
    assert.match(lines.at(-1)?.problem ?? '', /server "good".*before it answered/);
  });

  it('has a line for a call that its client cancelled', async () => {
    const client = await RawClient.open(gateway);
    const call = client.request('tools/call', '{"name":"mute__never","arguments":{}}');
    await eventually(async () => {
      await client.post('{"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":1}}');
      return (await auditOf(gateway)).some(
        ({ session, outcome }) => session === client.session && outcome === 'cancelled',
      );
    });
    await call;
  });

  it('is for its owner alone', async () => {
    if (process.platform === 'win32') return;
    const folder = path.join(gateway.folder, 'state/audit');
    assert.equal((await stat(folder)).mode & 0o777, 0o700);
    assert.equal((await stat(path.join(folder, 'audit.jsonl'))).mode & 0o777, 0o600);
  });

  it('writes arguments only by choice, and then without secrets', async () => {
    const chosen = await startTestGateway({
      servers: withSettings({ good: ownServer('nasty') }, { audit: { arguments: true } }),
      args: ['--env', 'TEST_SECRET'],
      env: { TEST_SECRET: 'the-secret-value' },
    });
    try {
      const client = await RawClient.open(chosen);
      const token = `ghp_${'a1B2'.repeat(9)}`;
      const encoded = Buffer.from('user:the-secret-value').toString('base64');
      for (const value of ['plain', 'the-secret-value', encoded, token])
        await client.request('tools/call', JSON.stringify({ name: 'good__ping', arguments: { value } }));
      const lines = await auditOf(chosen);
      assert.deepEqual(lines[0]?.arguments, { value: 'plain' });
      assert.equal(lines[1]?.arguments, '{"value":"<redacted>"}');
      assert.match(String(lines[2]?.arguments), /^\{"value":"[A-Za-z0-9]+<redacted>[A-Za-z0-9=]*"\}$/);
      assert.equal(lines[3]?.arguments, '{"value":"<redacted GitHub>"}');
      assert.doesNotMatch(JSON.stringify(lines), /the-secret-value|ghp_/);
    } finally {
      await chosen.stop();
    }
  });

  it('is put aside when it is full, and settings apply without a restart', async () => {
    const servers = { good: ownServer('nasty') };
    const small = await startTestGateway({
      servers: withSettings(servers, { audit: { maxBytes: 1024, files: 3 } }),
    });
    try {
      // These keep less than the defaults, so the owner of the gateway has to accept them.
      await acceptSettings(small, { 'audit.maxBytes': 1024, 'audit.files': 3, 'audit.enabled': false });
      const client = await RawClient.open(small);
      const call = async (): Promise<unknown> =>
        await client.request('tools/call', '{"name":"good__ping","arguments":{}}');
      for (let i = 0; i < 30; i += 1) await call();
      const folder = path.join(small.folder, 'state/audit');
      assert.deepEqual((await readdir(folder)).sort(), ['audit.1.jsonl', 'audit.2.jsonl', 'audit.jsonl']);
      const ids = (await auditOf(small)).map(({ id }) => id);
      assert.deepEqual(
        ids,
        Array.from({ length: ids.length }, (_, i) => 30 - ids.length + 1 + i),
      );
      await writeFile(
        path.join(small.folder, 'servers.json'),
        withSettings(servers, { audit: { enabled: false } }),
      );
      await eventually(async () => {
        const before = (await auditOf(small)).length;
        await call();
        return (await auditOf(small)).length === before;
      });
    } finally {
      await small.stop();
    }
  });

  it('has the line of every answer that a client received when the gateway is killed', async () => {
    const atLeast = 25;
    for (let round = 0; round < 20; round += 1) {
      const killed = await startTestGateway({
        servers: withSettings({ good: ownServer('nasty') }, { audit: { arguments: true } }),
      });
      try {
        const answered: string[] = [];
        const callers = Array.from({ length: 8 }, async (_, caller) => {
          const client = await RawClient.open(killed);
          for (let n = 0; ; n += 1) {
            const marker = `${caller}-${n}`;
            await client.request('tools/call', JSON.stringify({ name: 'good__ping', arguments: { marker } }));
            answered.push(marker);
          }
        });
        const enough = atLeast + Math.floor(Math.random() * atLeast);
        await eventually(() => answered.length >= enough, 'the answers of a round');
        const ended = new Promise((resolve) => killed.process.once('exit', resolve));
        killed.process.kill('SIGKILL');
        await Promise.all([ended, ...callers.map(async (caller) => await assert.rejects(caller))]);
        const written = new Set(
          (await auditOf(killed)).map((line) => (line.arguments as { marker: string }).marker),
        );
        assert.deepEqual(
          answered.filter((marker) => !written.has(marker)),
          [],
        );
      } finally {
        await killed.stop();
      }
    }
  });
});
