import assert from 'node:assert/strict';
import { EventBudget } from '../../../../src/builtin/client/event-budget';
import { EventLog } from '../../../../src/builtin/client/event-log';

const note = Buffer.alloc(1000, 'x');

describe('the budget of all events', () => {
  it('holds for all sessions together, however many there are', () => {
    const budget = new EventBudget(() => 100_000);
    const logs = Array.from({ length: 100 }, () => new EventLog(budget));
    const streams = logs.map((log) => log.open());
    for (let i = 0; i < 50; i += 1) for (const stream of streams) stream.send(note);
    assert.ok(budget.used <= 100_000 && budget.used > 90_000, String(budget.used));
    assert.equal(
      logs.reduce((sum, { bytes }) => sum + bytes, 0),
      budget.used,
    );
    for (const log of logs) log.close();
    assert.equal(budget.used, 0);
  });

  it('takes from the session that keeps most, and lets the others resume', () => {
    const budget = new EventBudget(() => 100_000);
    const [quiet, loud] = [new EventLog(budget), new EventLog(budget)];
    const stream = quiet.open();
    stream.send(note);
    const other = loud.open();
    for (let i = 0; i < 200; i += 1) other.send(note);
    const heard: string[] = [];
    stream.attach({ write: (bytes) => heard.push(bytes.toString()), end: () => undefined }, 0);
    assert.equal(heard.length, 1);
    assert.ok(budget.dropped >= 100);
  });
});
