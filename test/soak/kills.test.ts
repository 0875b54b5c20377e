import assert from 'node:assert/strict';
import { once } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';
import { auditOf } from '../support/audit';
import { eventually } from '../support/eventually';
import { ownServer, startTestGateway } from '../support/gateway';
import { processesWith } from '../support/processes';
import { RawClient } from '../support/raw-client';
import { seeded } from '../support/corpus';
import { counted, inParallel, patience, quantiles, soakServer, tell } from './soak';

/** They ignore SIGTERM and the end of their input; two have started a process of their own that does, too. */
const kinds = ['stubborn', 'forks', 'daemon'];

describe('a gateway that is killed', () => {
  const kills = counted(200);
  const seed = Number(process.env['MCP_SOAK_SEED'] ?? Date.now() % 1_000_000);
  const next = seeded(seed);
  const times: number[] = [];
  let answers = 0;

  async function one(i: number): Promise<void> {
    const mark = `mark-kill-${process.pid}-${i}-`;
    const env = { TEST_MARK: mark };
    const gateway = await startTestGateway({
      servers: {
        ...Object.fromEntries(kinds.map((kind) => [kind, { ...ownServer('nasty', kind), env }])),
        calls: { ...soakServer(), env },
      },
      unsettled: true,
    });
    let answered = 0;
    const calling = (async () => {
      const client = await RawClient.open(gateway);
      for (;;) {
        const answer = await client.request('tools/call', '{"name":"calls__ping","arguments":{}}');
        if (answer.includes('"result"')) answered += 1;
      }
    })().catch(() => undefined);
    await delay(next() * 1000);
    const exit = once(gateway.process, 'exit');
    gateway.process.kill('SIGKILL');
    await exit;
    const killed = performance.now();
    await calling;
    await eventually(() => processesWith(mark).length === 0, `the end of all children (seed ${seed})`);
    times.push(performance.now() - killed);
    const audited = answered === 0 ? [] : (await auditOf(gateway)).filter(({ name }) => name === 'ping');
    assert.ok(
      audited.length >= answered,
      `${answered} answers, ${audited.length} audit lines (seed ${seed})`,
    );
    answers += answered;
    await gateway.stop();
  }

  it(`leaves no child and no answered call without its audit line, ${kills} times at any moment`, async () => {
    tell(`seed ${seed}`);
    await inParallel(kills, 3, one);
    tell(`until the last child was gone: ${quantiles(times)}; ${answers} calls were answered`);
  }).timeout(patience(kills, 8000));
});
