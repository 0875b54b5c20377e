import assert from 'node:assert/strict';
import { appendJsonElement, removeJsonValue, setJsonValue } from '../../../src/devcontainer/jsonc-edit';

const texts: Record<string, string> = {
  'tabs, CRLF and trailing commas': '{\r\n\t// c\r\n\t"a": ["x"], // tail\r\n\t"b": [1,2,], // t2\r\n}\r\n',
  'one line': '{"a":["x"]}',
  'one line with blanks': '{ "a": [ "x" ] }',
  'a comment after the last value': '{\n  "a": [\n    "x" // c\n  ],\n  "c": {} /* e */\n\n}\n',
  'an inline list with a trailing comma': '{\n    "a": [ "x", ]\n}\n',
  'comment lines at the end': '{\n\t"a": ["x"]\n\n\t// "features": {},\n}\n',
};

describe('edits of JSON with comments', () => {
  for (const [name, text] of Object.entries(texts)) {
    it(`that add and remove an element and a key leave ${name} as it was`, () => {
      const appended = appendJsonElement(text, ['a'], 'new');
      assert.notEqual(appended, text);
      assert.equal(removeJsonValue(appended, ['a', 1]), text);
      const set = setJsonValue(text, ['ports', '8811'], { label: 'x' });
      assert.equal(removeJsonValue(removeJsonValue(set, ['ports', '8811']), ['ports']), text);
    });

    it(`touch no other line of ${name}`, () => {
      const lines = setJsonValue(text, ['z'], 1).split('\n');
      const missing = text
        .split('\n')
        .filter((line) => !lines.some((other) => other.startsWith(line.slice(0, 8))));
      assert.deepEqual(missing, []);
    });
  }

  it('take the indentation and the line ending of the text', () => {
    assert.equal(
      setJsonValue('{\r\n\t"a": 1\r\n}', ['b'], { c: [1] }),
      '{\r\n\t"a": 1,\r\n\t"b": {\r\n\t\t"c": [\r\n\t\t\t1\r\n\t\t]\r\n\t}\r\n}',
    );
  });

  it('put the comma before the comment of the line above', () => {
    assert.equal(
      setJsonValue('{\n  "a": 1 // one, two\n}', ['b'], 2),
      '{\n  "a": 1, // one, two\n  "b": 2\n}',
    );
  });

  it('change no byte when the value is there already', () => {
    const text = '{ "a": {"x":1,   "y":[ ]} }';
    assert.equal(setJsonValue(text, ['a'], { y: [], x: 1 }), text);
  });

  it('replace a value on one line by a value on one line', () => {
    assert.equal(
      setJsonValue('{\n  "f": "a.yml" // c\n}', ['f'], ['a.yml', 'b.yml']),
      '{\n  "f": ["a.yml", "b.yml"] // c\n}',
    );
  });

  it('remove a middle element with its line', () => {
    assert.equal(
      removeJsonValue('{\n  "a": [\n    1,\n    2,\n    3\n  ]\n}', ['a', 1]),
      '{\n  "a": [\n    1,\n    3\n  ]\n}',
    );
  });
});
