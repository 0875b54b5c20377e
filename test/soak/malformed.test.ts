import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import net from 'node:net';
import { eventually } from '../support/eventually';
import { startTestGateway, type TestGateway } from '../support/gateway';
import { RawClient } from '../support/raw-client';
import { seeded } from '../support/corpus';
import { assertRight, bytesOf, exchange, type Identity } from './attacker';
import type { Malformed } from './malformed';
import { malformed } from './malformed-corpus';
import { mutated } from './mutated';
import { figuresEnvironment, figuresFile, loadRedaction, readFigures, setSecrets } from './redaction-load';
import { inParallel, patience, quantiles, soakServer, tell } from './soak';

const secret = 'a secret of the other session';
const scale = Number(process.env['MCP_SOAK_SCALE'] ?? '1');
const fuzzSeconds = Number(process.env['MCP_SOAK_FUZZ_SECONDS'] ?? (scale < 1 ? 20 : 600));
/** Requests that do not arrive are given up after this time. */
const limits = { headerSeconds: 2, bodySeconds: 3 };

describe('what no client should send', () => {
  let gateway: TestGateway;
  let attacker: RawClient;
  let other: RawClient;
  let identity: Identity;
  let descriptors: number;
  const served: number[] = [];
  let serving = true;
  let service: Promise<void>;

  before(async () => {
    const servers = { attacked: soakServer('attacked'), other: soakServer(secret) };
    const file = JSON.stringify({ servers, gateway: { limits } });
    gateway = await startTestGateway({ servers: file, env: figuresEnvironment });
    await setSecrets(gateway);
    attacker = await RawClient.open(gateway, '/servers/attacked/mcp');
    const batches = await RawClient.open(gateway, '/servers/attacked/mcp', '2025-03-26');
    identity = { token: gateway.token, sessions: { usual: attacker.session, batches: batches.session } };
    other = await RawClient.open(gateway);
    descriptors = openDescriptors();
    service = serveOther();
    // Awaited at the end; a failure in between must not end the run.
    service.catch(() => undefined);
  });
  after(async () => {
    await gateway.stop();
    await rm(figuresFile, { force: true });
  });

  /** Two reports of progress and the answer, over and over, under ids 1 to 20, which the attacker uses too. */
  async function serveOther(): Promise<void> {
    for (let i = 0; serving; i += 1) {
      const id = 1 + (i % 20);
      const params = { name: 'other__progress', arguments: { count: 2 }, _meta: { progressToken: id } };
      const started = performance.now();
      const call = await other.post(JSON.stringify({ jsonrpc: '2.0', id, method: 'tools/call', params }));
      const text = await call.text();
      assert.equal(text.split(`"message":"${secret}"`).length, 3, text);
      assert.ok(text.includes(`"id":${id},"result"`), text);
      served.push(performance.now() - started);
    }
  }

  async function serverPids(): Promise<(number | null)[]> {
    const response = await gateway.fetch('/api/servers');
    const { servers } = (await response.json()) as { servers: { pid: number | null }[] };
    return servers.map(({ pid }) => pid);
  }

  function openDescriptors(): number {
    return readdirSync(`/proc/${gateway.process.pid ?? -1}/fd`).length;
  }

  function assertUnharmed(answer: string, what: string): void {
    for (const private_ of [secret, other.session])
      assert.ok(!answer.includes(private_), `${what}: ${answer.slice(0, 300)}`);
    const { exitCode, signalCode } = gateway.process;
    assert.deepEqual([exitCode, signalCode], [null, null], `${what} ended the gateway`);
  }

  async function attack(bytes: Buffer, what: string, one: Omit<Malformed, 'name'>): Promise<void> {
    const answer = await exchange(gateway, bytes, one);
    assertUnharmed(answer, what);
    assertRight(answer, what, one);
    if (one.answer !== undefined)
      assert.ok(answer.includes(one.answer), `${what}: ${one.answer} in ${answer.slice(0, 300)}`);
  }

  const all = malformed().map((one) => ({
    ...one,
    ...(one.session === undefined ? {} : { line: one.line ?? 'POST /servers/attacked/mcp HTTP/1.1' }),
  }));

  it(`is answered by the right error in ${all.length} cases`, async () => {
    assert.ok(all.length >= 500);
    const wrong: string[] = [];
    const pids = await serverPids();
    await inParallel(all.length, 16, async (i) => {
      const one = all[i];
      if (!one) return;
      await attack(bytesOf(one, identity), one.name, one).catch((error: unknown) =>
        wrong.push(String(error)),
      );
    });
    assert.deepEqual(wrong, []);
    assert.deepEqual(await serverPids(), pids, 'the servers run on');
  });

  it('is a second request under an id that is in use', async () => {
    const wait =
      '{"jsonrpc":"2.0","id":"same","method":"tools/call","params":{"name":"wait","arguments":{},"_meta":{"progressToken":1}}}';
    const first = await attacker.post(wait);
    assert.equal(first.status, 200);
    const second = await attacker.post(wait);
    assert.equal(second.status, 400);
    assert.match(await second.text(), /"id":"same".*is already used/);
    await first.body?.cancel();
  });

  it('is 300 requests that never become whole: they are given up, and the other session is served meanwhile', async () => {
    const parts = [
      'POST',
      'POST /mcp HTTP/1.1\r\nhost: a',
      bytesOf({ name: '', body: 'x' }, identity).toString(),
    ];
    let open = 0;
    const before = served.length;
    const given = Array.from({ length: 300 }, async (_unused, i) => {
      const socket = net.connect({ host: '127.0.0.1', port: Number(new URL(gateway.base).port) });
      let answer = '';
      socket.on('error', () => undefined);
      socket.setEncoding('utf8').on('data', (text: string) => (answer += text));
      socket.on('connect', () => (open += 1));
      socket.write((parts[i % parts.length] ?? '').replace(/x$/, ''));
      await new Promise((resolve) => socket.on('close', resolve));
      return answer;
    });
    await eventually(() => open === given.length, 'all connections');
    const atOnce = served.length;
    await eventually(() => served.length > atOnce + 10, 'the other session');
    for (const answer of await Promise.all(given)) {
      assertUnharmed(answer, 'a request that never became whole');
      assertRight(answer, 'a request that never became whole', { refused: true, mayClose: true });
    }
    tell(`${served.length - before} calls of the other session were answered meanwhile`);
  });

  it(`does no harm when it is made at random, for ${fuzzSeconds} s`, async () => {
    const seed = Number(process.env['MCP_SOAK_SEED'] ?? Date.now() % 1_000_000);
    tell(`seed ${seed}`);
    const next = seeded(seed);
    const pick = (count: number): number => Math.floor(next() * count);
    const end = Date.now() + fuzzSeconds * 1000;
    const before = served.length;
    let made = 0;
    const wrong: string[] = [];
    const fuzz = async (): Promise<void> => {
      while (Date.now() < end && wrong.length === 0) {
        const one = all[pick(all.length)];
        if (!one) continue;
        const bytes = mutated(bytesOf(one, identity), pick);
        const expected = { mayClose: true, ...(one.then === undefined ? {} : { then: one.then }) };
        await attack(bytes, `seed ${seed}, request ${(made += 1)} (${one.name})`, expected).catch(
          (error: unknown) => wrong.push(String(error)),
        );
      }
    };
    const loader = await RawClient.open(gateway, '/servers/attacked/mcp');
    const started = await readFigures();
    const loaded = loadRedaction(loader, () => Date.now() >= end || wrong.length > 0);
    await Promise.all(Array.from({ length: 32 }, fuzz));
    assert.deepEqual(wrong, []);
    const figures = await readFigures();
    tell(`${await loaded} calls with texts that are hard to redact, with secrets of 1 byte to 64 KiB`);
    tell(
      `the event loop was held up for at most ${figures.longest.toFixed(0)} ms (p99 ${figures.p99.toFixed(1)} ms), by the gateway itself ${figures.busiest.toFixed(0)} ms; memory ${started.rss.toFixed(0)} -> ${figures.rss.toFixed(0)} MiB`,
    );
    tell(`${made} requests; the other session meanwhile: ${quantiles(served.slice(before))}`);
  }).timeout(patience(fuzzSeconds, 1000));

  it('leaves the other session served throughout, and no connection behind', async () => {
    serving = false;
    await service;
    assert.ok(served.length > 100);
    tell(`${served.length} calls of the other session were answered: ${quantiles(served)}`);
    await eventually(() => openDescriptors() <= descriptors + 4, 'the end of all connections');
    tell(`descriptors ${descriptors} -> ${openDescriptors()}`);
    assert.doesNotMatch(gateway.stderr(), /unhandled|failed to handle/);
  });
});
