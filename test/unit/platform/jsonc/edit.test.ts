import assert from 'node:assert/strict';
import { appendJsonElement, removeJsonValue, setJsonValue } from '../../../../src/platform/jsonc/edit';
import { encodeJsonc, parseJsoncObject } from '../../../../src/platform/jsonc/jsonc';
import { seeded } from '../../../support/corpus';

/** Strict but for comments and trailing commas. */
function valueOf(text: string): Record<string, unknown> {
  return parseJsoncObject(text, 'a.json');
}

/** An object in a layout that nobody would write. */
function document(next: () => number): string {
  const pick = (list: readonly string[]): string => list[Math.floor(next() * list.length)] ?? '';
  const gap = (): string =>
    pick(['', ' ', '\n', '\n  ', '\r\n\t', ' // c, "x": [1]\n', ' /* c , } */ ', '/* a\n b */', '\n\n    ']);
  const value = (): string => pick(['1', '"a // b"', '"{,"', '[]', `[${gap()}1,${gap()}2${gap()}]`]);
  const keys = ['a', 'b', 'c'].filter(() => next() < 0.7);
  const members = keys.map((key) => `${gap()}"${key}"${gap()}:${gap()}${value()}${gap()}`);
  return `{${gap()}${members.join(',')}${keys.length > 0 ? pick(['', ',']) : ''}${gap()}}`;
}

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

  it('keep what follows a removed item out of the comment above it', () => {
    assert.equal(
      removeJsonValue('{\n  "a": [\n    "x", // base\n    "y"],\n  "b": 1\n}', ['a', 1]),
      '{\n  "a": [\n    "x" // base\n    ],\n  "b": 1\n}',
    );
    assert.equal(
      removeJsonValue('{ "m": { // ours\n    "gateway": {}, "other": {} } }', ['m', 'gateway']),
      '{ "m": { // ours\n    "other": {} } }',
    );
    assert.equal(
      removeJsonValue('{\n  "a": 1, // one\n  "b": 2 /* two\n  lines */\n}', ['b']),
      '{\n  "a": 1 // one\n  /* two\n  lines */\n}',
    );
  });

  it('remove only the selected value, in every layout', () => {
    const next = seeded(16);
    for (let i = 0; i < 2000; i += 1) {
      const text = document(next);
      const keys = Object.keys(valueOf(text));
      for (const key of keys) {
        const rest = Object.fromEntries(Object.entries(valueOf(text)).filter(([name]) => name !== key));
        assert.deepEqual({ ...valueOf(removeJsonValue(text, [key])) }, rest, text);
      }
    }
  });

  it('that would damage a file are not given out', () => {
    assert.equal(encodeJsonc({ bom: '', text: '\n' }, '/w/a.json').toString(), '\n', 'an empty file stays');
    assert.throws(() => encodeJsonc({ bom: '', text: '{ "a": [1 // b]\n}' }, '/w/a.json'), {
      code: 'internal',
      message: /\/w\/a\.json, so nothing was written/,
    });
  });

  it('remove a middle element with its line', () => {
    assert.equal(
      removeJsonValue('{\n  "a": [\n    1,\n    2,\n    3\n  ]\n}', ['a', 1]),
      '{\n  "a": [\n    1,\n    3\n  ]\n}',
    );
  });
});
