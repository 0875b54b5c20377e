import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import path from 'node:path';
import { text } from 'node:stream/consumers';
import { differences, productPatterns, readTable } from '../../../scripts/lib/patterns.mjs';
import { longPatienceMs } from '../../support/eventually';

interface Measured {
  literal: string;
  text: string;
  small: number;
  large: number;
}

/** When the text grows by 16, the time of a linear search grows by 16, and that of a quadratic one by 256. */
const mostGrowth = 64;
/**
 * Shorter times count as so many ms. A linear search takes a few milliseconds, and a busy machine interrupts it for a hundred;
 * a quadratic one takes many seconds for 1 MB.
 */
const leastMs = 30;

/** The times for texts of `small` bytes, and of 16 times as many. */
async function measured(literals: readonly string[], small: number): Promise<Measured[]> {
  const program = path.resolve('test/support/pattern-times.mjs');
  // A search cannot be ended from within, so another process makes it.
  const child = spawn(process.execPath, [program], { timeout: longPatienceMs, killSignal: 'SIGKILL' });
  child.stdin.end(JSON.stringify({ literals, small, large: 16 * small }));
  const lines = (await text(child.stdout)).trim().split('\n');
  return lines.filter((line) => line !== '').map((line) => JSON.parse(line) as Measured);
}

function slow(all: readonly Measured[], least = leastMs): Measured[] {
  return all.filter(({ small, large }) => large / Math.max(small, least) > mostGrowth);
}

describe('the regular expressions of the product', () => {
  it('are all in the table of those that are proved to be linear', async () => {
    const { unknown, unused, unknownMade, unusedMade } = differences(
      await productPatterns(),
      await readTable(),
    );
    assert.deepEqual(
      { unknown, unused, unknownMade, unusedMade },
      { unknown: [], unused: [], unknownMade: [], unusedMade: [] },
    );
  });

  it('take a time that is linear in the text, up to 1 MB', async () => {
    const { linear } = await readTable();
    const all = await measured(linear, 64 * 1024);
    assert.equal(all.length, linear.length, `the search for ${linear[all.length] ?? ''} came to no end`);
    assert.deepEqual(slow(all), []);
  }).timeout(2 * longPatienceMs);

  it('are measured so that one which is quadratic is found', async () => {
    const all = await measured([String.raw`/\beyJ[A-Za-z0-9_-]{8,}\.eyJ[A-Za-z0-9_-]{8,}/g`, '/x+$/'], 4096);
    assert.equal(slow(all, 0.1).length, 2, JSON.stringify(all));
  }).timeout(2 * longPatienceMs);
});
