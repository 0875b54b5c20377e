import assert from 'node:assert/strict';
import { AllLimits } from '../../../../../src/builtin/calls/limits/call-limits';
import {
  CancelledError,
  FairQueue,
  QueueFullError,
} from '../../../../../src/builtin/calls/limits/fair-queue';
import { Quota } from '../../../../../src/builtin/calls/limits/quota';
import { TokenBucket } from '../../../../../src/builtin/calls/limits/token-bucket';
import { unrestricted } from '../../../../../src/builtin/tokens/profile';

describe('a rate limit', () => {
  it('lets a burst through at once and then as many as the minute allows', () => {
    let now = 0;
    const bucket = new TokenBucket({ perMinute: 60, burst: 3 }, () => now);
    for (let i = 0; i < 3; i += 1) {
      assert.equal(bucket.waitMs(), 0);
      bucket.take();
    }
    assert.equal(bucket.waitMs(), 1000);
    now = 1000;
    assert.equal(bucket.waitMs(), 0);
    bucket.take();
    now = 600_000;
    for (let i = 0; i < 3; i += 1) bucket.take();
    assert.ok(bucket.waitMs() > 0, 'rest does not add up beyond the burst');
  });
});

describe('a quota', () => {
  it('ends with its hour and its day', () => {
    let now = 0;
    const quota = new Quota(() => now);
    const limits = { perHour: 2, perDay: 3 };
    quota.take();
    quota.take();
    assert.deepEqual(quota.exhausted(limits), { calls: 2, per: 'hour', waitMs: 3_600_000 });
    now = 3_600_000;
    assert.equal(quota.exhausted(limits), undefined);
    quota.take();
    assert.deepEqual(quota.exhausted(limits), { calls: 3, per: 'day', waitMs: 82_800_000 });
  });
});

describe('the queue of a server', () => {
  const never = new AbortController().signal;

  /** Takes the one place, lets callers wait, and returns in which order they got it. */
  async function orderOf(callers: string): Promise<string> {
    const queue = new FairQueue(1, 100);
    await queue.enter('first', never);
    const order: string[] = [];
    const all = callers.split(' ').map(async (caller) => {
      await queue.enter(caller, never);
      order.push(caller);
      queue.leave();
    });
    queue.leave();
    await Promise.all(all);
    return order.join('');
  }

  it('gives callers turns, however many calls one of them has', async () => {
    assert.equal(await orderOf('a a a a b c'), 'abcaaa');
    assert.equal(await orderOf('a a b b c c'), 'abcabc');
  });

  it('refuses calls when it is full, and starts no cancelled call', async () => {
    const queue = new FairQueue(1, 1);
    await queue.enter('a', never);
    const aborter = new AbortController();
    const waiting = queue.enter('b', aborter.signal);
    await assert.rejects(queue.enter('c', never), new QueueFullError(1));
    aborter.abort();
    await assert.rejects(waiting, CancelledError);
    assert.equal(queue.queued, 0);
    const next = queue.enter('c', never);
    queue.leave();
    await next;
    assert.equal(queue.running, 1);
  });

  it('starts those who wait when it gets more places', async () => {
    const queue = new FairQueue(1, 10);
    await queue.enter('a', never);
    const waiting = [queue.enter('b', never), queue.enter('c', never)];
    queue.places = 3;
    queue.fill();
    await Promise.all(waiting);
    assert.equal(queue.running, 3);
  });
});

describe('the limits of all servers', () => {
  const take = (limits: AllLimits, name = 'echo', profile = unrestricted('p')): void =>
    limits.take(profile, 'files', 'tools/call', name);

  it('name what is used up, and when to try again', () => {
    const limits = new AllLimits();
    limits.configure([['files', { rateLimit: { perMinute: 2, tools: { write: { perMinute: 1 } } } }]]);
    take(limits, 'write');
    assert.throws(() => take(limits, 'write'), {
      message:
        'The tool "write" of the server "files" is limited to 1 calls a minute (rateLimit in servers.json). Try again in 60 s.',
      data: { reason: 'rate', retryAfterMs: 60_000 },
    });
    take(limits);
    assert.throws(() => take(limits), /The server "files" is limited to 2 calls a minute.*Try again in 30 s/);
  });

  it('do not count a call against one limit that another one refuses', () => {
    const limits = new AllLimits();
    limits.configure([['files', { rateLimit: { perMinute: 1, tools: {} } }]]);
    const profile = { ...unrestricted('p'), key: 'k', quota: { perHour: 2, perDay: undefined } };
    take(limits, 'echo', profile);
    assert.throws(() => take(limits, 'echo', profile), /is limited to 1 calls a minute/);
    limits.configure([['files', {}]]);
    take(limits, 'echo', profile);
    assert.throws(() => take(limits, 'echo', profile), /The token "p" has used its 2 calls of this hour/);
  });

  it('that did not change keep their counts when the file is read again', () => {
    const limits = new AllLimits();
    const file: [string, { rateLimit: { perMinute: number; tools: object } }][] = [
      ['files', { rateLimit: { perMinute: 1, tools: {} } }],
    ];
    limits.configure(file as Parameters<AllLimits['configure']>[0]);
    take(limits);
    limits.configure(file as Parameters<AllLimits['configure']>[0]);
    assert.throws(() => take(limits), /is limited to 1 calls a minute/);
  });

  it('let notifications and subscriptions pass', () => {
    const limits = new AllLimits();
    limits.configure([['files', { rateLimit: { perMinute: 1, tools: {} } }]]);
    for (let i = 0; i < 5; i += 1)
      limits.take(unrestricted('p'), 'files', 'resources/subscribe', 'file:///a');
  });
});
