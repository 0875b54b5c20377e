import assert from 'node:assert/strict';
import { argumentCheck } from '../../../../../../src/builtin/upstream/transports/rest/argument-check';
import {
  operationOf,
  type Operation,
} from '../../../../../../src/builtin/upstream/transports/rest/operation';
import { Arguments } from '../../../../../../src/builtin/upstream/transports/rest/template';
import { parseServersFile } from '../../../../../../src/servers/parse';

function operation(tool: object): Operation {
  const entry = { type: 'rest', baseUrl: 'https://api.example.com', tools: [{ name: 't', ...tool }] };
  const definition = parseServersFile(JSON.stringify({ servers: { one: entry } }), 'f').servers.get('one');
  assert.ok(definition?.type === 'rest' && definition.tools[0]);
  return operationOf(definition.tools[0], (text) => text);
}

async function problem(tool: object, args: string | undefined): Promise<string | undefined> {
  const bytes = Buffer.from(args ?? '');
  const span = args === undefined ? undefined : { start: 0, end: bytes.length };
  return (await argumentCheck(operation(tool)))(new Arguments(bytes, span));
}

describe('the arguments of a REST tool', () => {
  const inputSchema = {
    $schema: 'http://json-schema.org/draft-07/schema#',
    type: 'object',
    properties: {
      id: { type: 'string', format: 'uuid', pattern: '^o' },
      limit: { type: 'integer', maximum: 100 },
      sort: { enum: ['up', 'down'] },
      filter: { $ref: '#/definitions/filter' },
    },
    definitions: {
      filter: { type: 'object', properties: { 'a/b': { type: 'boolean' } }, required: ['by'] },
    },
    required: ['id'],
    additionalProperties: false,
  };

  it('are taken where they are as its schema says', async () => {
    const args = '{"id":"o1","limit":100,"sort":"up","filter":{"by":1e999,"a/b":true}}';
    assert.equal(await problem({ inputSchema }, args), undefined);
    assert.equal(
      await problem({ inputSchema: { properties: { n: { type: 'number' } } } }, '{"n":1e999}'),
      undefined,
    );
  });

  it('are named, each of them, where they are not', async () => {
    const cases: [string | undefined, string][] = [
      [undefined, 'The argument "id" is missing.'],
      ['{"id":"o","limit":"many"}', 'The argument "limit" must be integer.'],
      ['{"id":"o","limit":101}', 'The argument "limit" must be <= 100.'],
      ['{"id":"x"}', 'The argument "id" must match pattern "^o".'],
      [
        '{"id":"o","sort":"over"}',
        'The argument "sort" must be equal to one of the allowed values: ["up","down"].',
      ],
      ['{"id":"o","filter":{"by":1,"a/b":0}}', 'The argument "filter.a/b" must be boolean.'],
      ['{"sortt":"up"}', 'The argument "id" is missing. There is no argument "sortt".'],
      ['{"id":"o","filter":{}}', 'The argument "filter.by" is missing.'],
    ];
    for (const [args, expected] of cases) assert.equal(await problem({ inputSchema }, args), expected);
  });

  it('are known by name where there is no schema, and of any type', async () => {
    const tool = { path: '/a/{id}', params: { q: '{{args.query}}' } };
    assert.equal(await problem(tool, '{"id":7,"query":["x","y"]}'), undefined);
    assert.equal(
      await problem(tool, '{"id":7,"qurey":1}'),
      'There is no argument "qurey". The arguments of the tool are: id, query.',
    );
    assert.equal(await problem({}, '{"x":1}'), 'There is no argument "x". The tool has no arguments.');
    for (const open of [{ method: 'POST' }, { body: '{{args}}', method: 'PUT' }])
      assert.equal(await problem(open, '{"anything":1}'), undefined);
  });

  it('are refused when a pattern or a comparison of the schema takes too long for them', async () => {
    const many = Array.from({ length: 20_000 }, (_, i) => ({ i }));
    const slow: [object, unknown][] = [
      [{ type: 'string', pattern: '^(a+)+$' }, `${'a'.repeat(60)}!`],
      [{ type: 'object', patternProperties: { '^(a|a)*$': {} } }, { [`${'a'.repeat(60)}!`]: 1 }],
      [{ type: 'array', uniqueItems: true }, many],
    ];
    for (const [schema, value] of slow) {
      const tool = { inputSchema: { type: 'object', properties: { a: schema } } };
      assert.match((await problem(tool, JSON.stringify({ a: value }))) ?? '', /could not be checked/);
    }
    const tool = { inputSchema: { properties: { a: { pattern: '^(a+)+$' } } } };
    assert.equal(await problem(tool, '{"a":"aaa"}'), undefined);
    assert.match((await problem(tool, '{"a":"b"}')) ?? '', /must match pattern/);
  });

  it('cannot be checked against what is no schema', async () => {
    const inputSchemas = [{ type: 'text' }, { $ref: 'https://schemas.example.com/x' }];
    for (const each of inputSchemas) await assert.rejects(argumentCheck(operation({ inputSchema: each })));
  });
});
