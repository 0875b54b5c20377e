import assert from 'node:assert/strict';
import type { IncomingMessage } from 'node:http';
import { PassThrough } from 'node:stream';
import { readBody } from '../../../../src/builtin/edge/body';
import { BodyBudget } from '../../../../src/builtin/edge/body-budget';

describe('the budget of all bodies', () => {
  it('is shared, leaves half to other tokens, and takes back what is released', () => {
    const budget = new BodyBudget(() => 100);
    const one = budget.share('a');
    const two = budget.share('a');
    one.take(30);
    two.take(20);
    assert.match(
      two.take(1)?.message ?? '',
      /of the token "a" would have more than 50 bytes, half of the budget/,
    );
    const other = budget.share('b');
    other.take(50);
    assert.match(
      budget.share('c').take(1)?.message ?? '',
      /more than 100 bytes, which is the budget \(gateway.limits.bodyMemoryPercent/,
    );
    one.release();
    one.release();
    assert.equal(budget.used, 70);
    two.take(30);
    for (const share of [two, other]) share.release();
    assert.equal(budget.used, 0);
  });

  it('counts a body while it arrives, and drops it when the budget is used up', async () => {
    const budget = new BodyBudget(() => 200);
    const share = budget.share('a');
    const stream = new PassThrough();
    const reading = readBody(
      Object.assign(stream, { headers: {} }) as unknown as IncomingMessage,
      1000,
      share,
    );
    stream.write(Buffer.alloc(60));
    stream.write(Buffer.alloc(60));
    stream.write(Buffer.alloc(60));
    await assert.rejects(reading, { name: 'BudgetError' });
    assert.equal(budget.used, 60);
    share.release();
    assert.equal(budget.used, 0);
  });

  it('is given back when the client goes away before its body has arrived', async () => {
    const stream = new PassThrough();
    const share = new BodyBudget(() => 200).share('a');
    const reading = readBody(
      Object.assign(stream, { headers: {} }) as unknown as IncomingMessage,
      1000,
      share,
    );
    stream.destroy();
    await assert.rejects(reading, /closed the connection/);
  });
});
