import assert from 'node:assert/strict';
import { elementsOf, memberNamed, membersOf, stringValue, wholeValue } from '../../../src/mcp-wire/json';
import { JsonSyntaxError } from '../../../src/mcp-wire/json-scan';
import { argumentCorpus, resultCorpus } from '../../support/corpus';

describe('the JSON scanner', () => {
  it('finds the end of every value of the corpus', () => {
    for (const text of [...argumentCorpus(300), ...resultCorpus(300)]) {
      const bytes = Buffer.from(` ${text}\n`);
      assert.deepEqual(wholeValue(bytes), { start: 1, end: bytes.length - 1 });
    }
  });

  const broken = [
    '',
    ' ',
    '{',
    '[',
    '{"a"}',
    '{"a":}',
    '{"a":1,}',
    '[1,]',
    '[1 2]',
    '{a:1}',
    "{'a':1}",
    '"',
    '"\\x"',
    '"\\u12g4"',
    '"\u0001"',
  ];
  broken.push(
    '01',
    '1.',
    '.5',
    '+1',
    '1e',
    '-',
    'tru',
    'nul',
    'NaN',
    'Infinity',
    '{}{}',
    '1 2',
    '[1]]',
    '{"a":1}}',
    '\uFEFF{}',
    '[}',
    '{]',
  );
  for (const text of broken) {
    it(`agrees with JSON.parse that ${JSON.stringify(text)} is not JSON`, () => {
      assert.throws(() => JSON.parse(text));
      assert.throws(() => wholeValue(Buffer.from(text)), JsonSyntaxError);
    });
  }

  it('agrees with JSON.parse on which mutations of a document are JSON', () => {
    const source = '{"a":[1,-2.5e+3,"x\\u0041\\n",{"b":null,"c":[true,false,{}]}],"d":""}';
    const letters = '{}[]",:0123456789.eE+-\\u tfn \n';
    let agreed = 0;
    for (let i = 0; i < source.length; i += 1) {
      for (const letter of letters) {
        const text = source.slice(0, i) + letter + source.slice(i + 1);
        assert.equal(
          accepts(() => wholeValue(Buffer.from(text))),
          accepts(() => JSON.parse(text) as unknown),
          text,
        );
        agreed += 1;
      }
    }
    assert.ok(agreed > 2000);
  });

  it('decodes keys and uses the last of two equal ones, as JSON.parse does', () => {
    const bytes = Buffer.from('{"\\u0061":"first","a":"se\\ncond"}');
    const members = membersOf(bytes, 0);
    assert.deepEqual(
      members.map(({ key }) => key),
      ['a', 'a'],
    );
    assert.equal(stringValue(bytes, memberNamed(members, 'a')), 'se\ncond');
  });

  it('returns the elements of an array unchanged', () => {
    const bytes = Buffer.from('[ {"a":[1]} ,2, "x"]');
    assert.deepEqual(
      elementsOf(bytes, 0).map(({ start, end }) => bytes.toString('utf8', start, end)),
      ['{"a":[1]}', '2', '"x"'],
    );
  });
});

function accepts(parse: () => unknown): boolean {
  try {
    parse();
    return true;
  } catch {
    return false;
  }
}
