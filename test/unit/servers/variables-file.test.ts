import assert from 'node:assert/strict';
import { isLineValue, parseVariables, withVariable } from '../../../src/servers/variables-file';

describe('a variable that is written into a file', () => {
  const values = [
    'plain',
    ' blanks ',
    '"',
    '""',
    '"quoted"',
    "'single'",
    '\\"$',
    'a=b',
    '#hash',
    '$A${B}',
    'a\tb',
  ];
  for (const value of values)
    it(`is read as it was: ${JSON.stringify(value)}`, () => {
      assert.ok(isLineValue(value));
      assert.equal(parseVariables(withVariable('', 'NAME', value)).get('NAME'), value);
    });

  it('replaces every line that set it, and keeps the other lines', () => {
    const text = '# c\nA=1\r\nB=2\n A = 3\nlast';
    assert.equal(withVariable(text, 'A', 'x'), '# c\nA=x\nB=2\nlast\n');
    assert.equal(withVariable(text, 'A', undefined), '# c\nB=2\nlast\n');
    assert.equal(withVariable('', 'A', undefined), '');
  });
});
