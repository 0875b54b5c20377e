import assert from 'node:assert/strict';
import { LogLines } from '../../../src/mcp-wire/log-lines';

function linesOf(...chunks: string[]): string[] {
  const lines: string[] = [];
  const log = new LogLines((line) => lines.push(line));
  for (const chunk of chunks) log.push(Buffer.from(chunk));
  return lines;
}

describe('the lines of a log', () => {
  it('end with a line feed, a carriage return or both', () => {
    assert.deepEqual(linesOf('one\ntwo\r\nthree\rfo', 'ur\n', 'not ended'), ['one', 'two', 'three', 'four']);
  });

  it('are kept up to 64 KiB', () => {
    const [long, next, ...more] = linesOf('é', 'x'.repeat(60_000), 'y'.repeat(1_000_000), '\nnext\n');
    assert.equal(Buffer.byteLength(long ?? ''), 64 * 1024);
    assert.deepEqual([next, more], ['next', []]);
  });
});
