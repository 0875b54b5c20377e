import assert from 'node:assert/strict';
import { checkParamHeaders } from '../../../../src/builtin/calls/param-check';
import { Params } from '../../../../src/mcp-wire/params';

const tool = Buffer.from(
  JSON.stringify({
    name: 'query',
    inputSchema: {
      type: 'object',
      properties: {
        region: { type: 'string', 'x-mcp-header': 'Region' },
        page: { type: 'object', properties: { size: { type: 'integer', 'x-mcp-header': 'Page-Size' } } },
        free: { type: 'string' },
      },
    },
  }),
);

function check(args: object, headers: Record<string, string>): void {
  const bytes = Buffer.from(JSON.stringify({ name: 'query', arguments: args }));
  checkParamHeaders(tool, new Params(bytes, { start: 0, end: bytes.length }), headers);
}

describe('the headers that repeat arguments', () => {
  it('agree in text, in the encoded form and as numbers', () => {
    check(
      { region: 'eu', page: { size: 42 }, free: 'x' },
      { 'mcp-param-region': 'eu', 'mcp-param-page-size': '42.0' },
    );
    const encoded = `=?base64?${Buffer.from('Zürich').toString('base64')}?=`;
    check({ region: 'Zürich' }, { 'mcp-param-region': encoded });
  });

  it('are not expected for what is absent or null', () => {
    check({ region: null }, {});
    check({}, { 'mcp-param-region': 'eu' });
  });

  it('are refused where they are missing or say something else', () => {
    for (const headers of [{}, { 'mcp-param-region': 'us' }]) {
      assert.throws(() => check({ region: 'eu' }, headers), {
        code: -32020,
        status: 400,
      });
    }
  });
});
