import assert from 'node:assert/strict';
import type { IncomingHttpHeaders } from 'node:http';
import { Guard } from '../../../../src/builtin/edge/guard';
import { unrestricted } from '../../../../src/builtin/tokens/profile';

describe('the token of a request', () => {
  const profile = unrestricted('default');
  const seen: string[] = [];
  const tokens = {
    profileOf: (token: string) => {
      seen.push(token);
      return token === 'right' ? profile : undefined;
    },
    isAdmin: () => false,
  };
  const guard = new Guard(tokens, ['mcp-gateway']);
  const of = (authorization?: string): string | undefined => {
    seen.length = 0;
    const headers: IncomingHttpHeaders = authorization === undefined ? {} : { authorization };
    guard.profileOf(headers);
    return seen[0];
  };
  const cases: [string | undefined, string | undefined][] = [
    ['Bearer right', 'right'],
    ['bearer right', 'right'],
    ['BEARER   right  ', 'right'],
    ['Bearer  right', 'right'],
    ['Bearer right ', 'right'],
    ['Bearer', undefined],
    ['Bearer ', undefined],
    ['Bearer   ', undefined],
    ['Bearer two words', undefined],
    ['Basic right', undefined],
    ['right', undefined],
    ['', undefined],
    [undefined, undefined],
  ];
  for (const [header, token] of cases)
    it(`${token === undefined ? 'is none' : 'is read'} from ${JSON.stringify(header)}`, () =>
      assert.equal(of(header), token));

  it('is checked only for allowed hosts, however often and in any case', () => {
    for (let i = 0; i < 300; i += 1) {
      for (const host of [`localhost:${i}`, 'LOCALHOST', `mcp-gateway:${i}`, '[::1]:1'])
        assert.equal(guard.checkAddress({ host }), undefined);
      for (const host of [`evil.example:${i}`, 'localhost.evil', 'localhost:1:2', ''])
        assert.equal(guard.checkAddress({ host })?.code, 'host');
    }
  });
});
