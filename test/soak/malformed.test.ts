import assert from 'node:assert/strict';
import { startTestGateway, type TestGateway } from '../support/gateway';
import { RawClient } from '../support/raw-client';
import { assertRight, bytesOf, exchange } from './attacker';
import { malformed } from './malformed-corpus';
import { seeded } from '../support/corpus';
import { inParallel, soakServer, tell } from './soak';

const secret = 'a secret of the other session';
const fuzzSeconds = Number(process.env['MCP_SOAK_SCALE'] ?? '1') < 1 ? 20 : 600;

describe('what no client should send', () => {
  let gateway: TestGateway;
  let attacker: RawClient;
  let served = 0;
  let serving = true;
  let service: Promise<void>;

  before(async () => {
    gateway = await startTestGateway({
      servers: { attacked: soakServer('attacked'), other: soakServer(secret) },
    });
    attacker = await RawClient.open(gateway, '/servers/attacked/mcp');
    const client = await RawClient.open(gateway);
    service = (async () => {
      while (serving) {
        const answer = await client.request('tools/call', '{"name":"other__ping","arguments":{}}');
        assert.ok(answer.includes(`"text":"${secret}"`), answer.toString());
        served += 1;
      }
    })();
    // Awaited at the end; a failure in between must not end the run.
    service.catch(() => undefined);
  });
  after(async () => gateway.stop());

  async function attack(bytes: Buffer, what: string, mayClose: boolean): Promise<void> {
    const answer = await exchange(gateway, bytes);
    assert.ok(!answer.includes(secret), `${what}: ${answer.slice(0, 300)}`);
    assertRight(answer, what, mayClose);
    assert.equal(gateway.process.exitCode, null, `${what} ended the gateway`);
  }

  const all = malformed().map((one) => ({
    ...one,
    ...(one.session === true ? { line: one.line ?? 'POST /servers/attacked/mcp HTTP/1.1' } : {}),
  }));

  it(`is answered by the right error in ${all.length} cases`, async () => {
    assert.ok(all.length >= 500);
    await inParallel(all.length, 16, async (i) => {
      const one = all[i];
      if (one) await attack(bytesOf(one, gateway.token, attacker.session), one.name, one.mayClose === true);
    });
  }).timeout(300_000);

  it('is a second request under an id that is in use', async () => {
    const wait =
      '{"jsonrpc":"2.0","id":"same","method":"tools/call","params":{"name":"wait","arguments":{},"_meta":{"progressToken":1}}}';
    const first = await attacker.post(wait);
    assert.equal(first.status, 200);
    const second = await attacker.post(wait);
    assert.equal(second.status, 400);
    assert.match(await second.text(), /"id":"same".*is in use/);
    await first.body?.cancel();
  });

  it(`does no harm when it is made at random, for ${fuzzSeconds} s`, async () => {
    const seed = Number(process.env['MCP_SOAK_SEED'] ?? Date.now() % 1_000_000);
    tell(`seed ${seed}`);
    const next = seeded(seed);
    const pick = (count: number): number => Math.floor(next() * count);
    const end = Date.now() + fuzzSeconds * 1000;
    let made = 0;
    const fuzz = async (): Promise<void> => {
      while (Date.now() < end) {
        const one = all[pick(all.length)];
        if (!one) continue;
        const bytes = mutated(bytesOf(one, gateway.token, attacker.session), pick);
        await attack(bytes, `seed ${seed}, request ${(made += 1)} (${one.name})`, true);
      }
    };
    await Promise.all(Array.from({ length: 32 }, fuzz));
    tell(`${made} requests`);
  }).timeout(fuzzSeconds * 1000 + 60_000);

  it('leaves the other session served throughout', async () => {
    serving = false;
    await service;
    assert.ok(served > 100);
    tell(`${served} calls of the other session were answered`);
    assert.doesNotMatch(gateway.stderr(), /unhandled|failed to handle/);
  });
});

/** One to four bytes replaced, taken out, doubled or put in. */
function mutated(bytes: Buffer, pick: (count: number) => number): Buffer {
  let out = bytes;
  for (let change = pick(4); change >= 0; change -= 1) {
    const at = pick(out.length + 1);
    const kinds = [
      () => [out.subarray(0, at), Buffer.from([pick(256)]), out.subarray(at + 1)],
      () => [out.subarray(0, at), out.subarray(at + pick(8))],
      () => [out.subarray(0, at), out.subarray(Math.max(0, at - 8), at), out.subarray(at)],
      () => [out.subarray(0, at), Buffer.from([pick(256)]), out.subarray(at)],
      () => [out.subarray(0, at)],
    ];
    out = Buffer.concat(kinds[pick(kinds.length)]?.() ?? [out]);
  }
  return out;
}
