import assert from 'node:assert/strict';
import type { CallRecord } from '../../../../src/builtin/calls/record';
import { RefusalLog } from '../../../../src/builtin/call-control/refusal-log';

describe('the log of refusals', () => {
  it('has one line a minute for each token, and none for other calls', () => {
    let now = 0;
    const lines: string[] = [];
    const log = new RefusalLog(
      (line) => lines.push(line),
      () => now,
    );
    const call = (token: string, reason: string | undefined): void =>
      log.finished({ token, outcome: { reason, problem: `${token}.` } } as unknown as CallRecord);
    for (let i = 0; i < 10; i += 1) call('a', 'filter');
    call('a', 'rate');
    call('b', undefined);
    call('b', 'filter');
    assert.deepEqual(
      lines.map((line) => line.slice(0, 11)),
      ['Refused: a.', 'Refused: b.'],
    );
    now = 60_001;
    call('a', 'filter');
    assert.equal(lines.length, 3);
  });
});
