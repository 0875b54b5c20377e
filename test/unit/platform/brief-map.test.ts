import assert from 'node:assert/strict';
import { BriefMap } from '../../../src/platform/brief-map';

describe('a map for what is under way', () => {
  it('holds what a Map holds, however often entries come and go', () => {
    const brief = new BriefMap<number, { text: string }>();
    const plain = new Map<number, { text: string }>();
    const put = (key: number, text: string): void => {
      const value = { text };
      brief.set(key, value);
      plain.set(key, value);
    };
    for (let i = 0; i < 2000; i += 1) {
      put(i, `v${i}`);
      const gone = (i * 7) % (i + 1);
      assert.equal(brief.delete(gone), plain.delete(gone));
      if (i % 3 === 0) put(gone, 'again');
      if (i % 5 === 0) put(i, 'instead');
    }
    assert.equal(brief.size, plain.size);
    assert.deepEqual(brief.keys().sort(), [...plain.keys()].sort());
    assert.deepEqual(new Set(brief.values()), new Set(plain.values()));
    for (const [key, value] of plain) assert.equal(brief.get(key), value);
    assert.equal(brief.has(-1), false);
    assert.equal(brief.get(-1), undefined);
    for (const key of plain.keys()) assert.equal(brief.delete(key), true);
    assert.equal(brief.size, 0);
    assert.deepEqual(brief.values(), []);
  });

  it('holds what is left after a rush, and what comes then', () => {
    const brief = new BriefMap<number, { n: number }>();
    for (let n = 0; n < 10_000; n += 1) brief.add(n, { n });
    for (let n = 0; n < 10_000; n += 1) if (n % 1000 !== 7) assert.equal(brief.delete(n), true);
    for (let n = 20_000; n < 20_100; n += 1) brief.set(n, { n });
    const expected = [
      ...Array.from({ length: 10 }, (_, i) => i * 1000 + 7),
      ...Array.from({ length: 100 }, (_, i) => 20_000 + i),
    ];
    assert.deepEqual(
      brief.keys().sort((a, b) => a - b),
      expected,
    );
    assert.deepEqual(
      brief
        .values()
        .map(({ n }) => n)
        .sort((a, b) => a - b),
      expected,
    );
    for (const n of expected) assert.equal(brief.get(n)?.n, n);
    assert.equal(brief.size, 110);
  });
});
