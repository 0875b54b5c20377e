import assert from 'node:assert/strict';
import { seeded } from '../support/corpus';
import { assertMessage } from './attacker';
import { LineGateway } from './line-gateway';
import { malformed } from './malformed-corpus';
import { mutated } from './mutated';
import { counted, soakServer, tell } from './soak';

describe('what no client should send on standard input', () => {
  const count = counted(50_000);
  let gateway: LineGateway;

  before(async () => {
    gateway = await LineGateway.start({ attacked: soakServer('attacked') });
    // Its own ids are then none of those in the corpus.
    gateway.lastId = 1_000_000_000;
  });
  after(async () => gateway.stop());

  /** All that was sent before has been read when this is answered. */
  async function assertServed(what: string): Promise<void> {
    const answer = await gateway.request('tools/call', '{"name":"attacked__ping"}');
    assert.ok(answer.includes('"text":"attacked"'), `${what}: ${answer.toString()}`);
    for (const line of gateway.taken()) assertMessage(JSON.parse(line.toString()), what);
  }

  const bodies = malformed().flatMap(({ body = '' }) => (body === '' ? [] : [body.replace(/[\r\n]/g, ' ')]));

  it(`is answered by a message, and what follows is served, in ${bodies.length} cases`, async () => {
    for (const [i, body] of bodies.entries()) {
      await gateway.send(body);
      if (i % 20 === 19) await assertServed(`the twenty before ${i}`);
    }
    await assertServed('all cases');
  });

  it(`does no harm when it is made at random, ${count} times`, async () => {
    const seed = Number(process.env['MCP_SOAK_SEED'] ?? Date.now() % 1_000_000);
    tell(`seed ${seed}`);
    const next = seeded(seed);
    const pick = (below: number): number => Math.floor(next() * below);
    const small = bodies.filter(({ length }) => length < 20_000);
    for (let i = 0; i < count; i += 1) {
      await gateway.send(mutated(Buffer.from(small[pick(small.length)] ?? ''), pick));
      if (i % 100 === 99) await assertServed(`seed ${seed}, the hundred before ${i}`);
    }
    await assertServed(`seed ${seed}, all`);
  });
});
