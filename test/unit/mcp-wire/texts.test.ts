import assert from 'node:assert/strict';
import { textOf } from '../../../src/mcp-wire/texts';

function read(text: string): string {
  const bytes = Buffer.from(`<<${text}>>`);
  return textOf(bytes, 2, bytes.length - 2);
}

describe('the text of bytes', () => {
  it('is the same as Node.js reads it, however often and in any order', () => {
    const texts = Array.from({ length: 5000 }, (_, i) => `key${(i * 7919) % 5000}`);
    const others = ['', 'é', 'naïve', '日本語', 'a'.repeat(48), 'a'.repeat(49), '\u0000', '__proto__', '😀'];
    for (let round = 0; round < 2; round += 1)
      for (const text of [...texts, ...others]) assert.equal(read(text), text);
  });

  it('does not mix up texts that share a slot', () => {
    // With the same hash: the first byte counts 31 times the second.
    for (const text of ['Aa', 'BB', 'Aa', 'BB', 'AaAa', 'BBBB', 'AaBB', 'BBAa'])
      assert.equal(read(text), text);
  });

  it('reads bytes that are no UTF-8 as Node does', () => {
    const bytes = Buffer.from([0x61, 0xff, 0xc3, 0x28]);
    assert.equal(textOf(bytes, 0, 4), bytes.toString('utf8'));
  });
});
