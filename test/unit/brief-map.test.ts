import assert from 'node:assert/strict';
import { BriefMap } from '../../src/platform/brief-map';

describe('a map for what is under way', () => {
  it('holds what a Map holds, however often entries come and go', () => {
    const brief = new BriefMap<number, string>();
    const plain = new Map<number, string>();
    for (let i = 0; i < 2000; i += 1) {
      brief.set(i, `v${i}`);
      plain.set(i, `v${i}`);
      const gone = (i * 7) % (i + 1);
      assert.equal(brief.delete(gone), plain.delete(gone));
      if (i % 3 === 0) {
        brief.set(gone, 'again');
        plain.set(gone, 'again');
      }
    }
    assert.equal(brief.size, plain.size);
    assert.deepEqual(brief.keys().sort(), [...plain.keys()].sort());
    assert.deepEqual(brief.values().sort(), [...plain.values()].sort());
    for (const [key, value] of plain) assert.equal(brief.get(key), value);
    assert.equal(brief.has(-1), false);
    assert.equal(brief.get(-1), undefined);
  });
});
