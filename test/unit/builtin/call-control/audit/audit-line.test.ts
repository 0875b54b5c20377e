import assert from 'node:assert/strict';
import { shapeOf } from '../../../../../src/builtin/call-control/audit/shape';
import { isErrorResult } from '../../../../../src/mcp-wire/is-error';
import { Redactor } from '../../../../../src/platform/redact';
import { wholeValue } from '../../../../../src/mcp-wire/json';

const redactor = new Redactor(['secret-of-a-user']);

const shape = (text: string): unknown => {
  const bytes = Buffer.from(text);
  return JSON.parse(shapeOf(bytes, wholeValue(bytes), redactor));
};

describe('the shape of arguments', () => {
  it('is the keys and the types, and no value', () => {
    assert.deepEqual(shape('{"a":"x","b":-1,"c":true,"d":false,"e":null,"f":{"g":1},"h":[]}'), {
      a: 'string',
      b: 'number',
      c: 'boolean',
      d: 'boolean',
      e: 'null',
      f: 'object',
      h: 'array',
    });
  });

  it('is bounded in keys, in their length and in bytes', () => {
    const many = Object.fromEntries(Array.from({ length: 40 }, (_, i) => [`k${i}`, i]));
    const shown = shape(JSON.stringify(many)) as Record<string, unknown>;
    assert.equal(Object.keys(shown).length, 33);
    assert.equal(shown['…'], 8);
    assert.deepEqual(Object.keys(shape(`{"${'k'.repeat(500)}":1}`) as object), ['k'.repeat(64)]);
    assert.equal(shape(`{"a":"${'x'.repeat(300_000)}"}`), 'large');
  });

  it('shows no secret that is used as a key, not even half of it', () => {
    assert.deepEqual(Object.keys(shape('{"secret-of-a-user":1}') as object), ['<redacted>']);
    const [key] = Object.keys(shape(`{"${'k'.repeat(56)}secret-of-a-user":1}`) as object);
    assert.ok(key?.startsWith('kkk') && !key.includes('secret'));
    assert.deepEqual(Object.keys(shape('{"learnt-later":1}') as object), ['learnt-later']);
    redactor.add('learnt-later');
    assert.deepEqual(Object.keys(shape('{"learnt-later":1}') as object), ['<redacted>']);
  });

  it('of what is no object, or is missing, is null', () => {
    assert.equal(shape('[1]'), null);
    assert.equal(shapeOf(Buffer.alloc(0), undefined, redactor), 'null');
  });
});

describe('the result of a tool', () => {
  const cases: [string, boolean][] = [
    ['{"content":[]}', false],
    ['{"content":[],"isError":false}', false],
    ['{"content":[],"isError":true}', true],
    ['{ "isError" :\n true , "content":[]}', true],
    ['{"content":[{"type":"text","text":"\\"isError\\":true"}]}', false],
    ['{"structuredContent":{"isError":true},"isError":false}', false],
    ['{"structuredContent":{"isError":true}}', false],
    ['{"structuredContent":{"isError":false},"isError":true}', true],
  ];
  for (const [text, expected] of cases)
    it(`${expected ? 'says' : 'does not say'} that the tool failed: ${text}`, () =>
      assert.equal(isErrorResult(Buffer.from(text)), expected));
});
