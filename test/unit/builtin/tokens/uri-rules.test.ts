import assert from 'node:assert/strict';
import { allowsResource, unrestricted, type Profile } from '../../../../src/builtin/tokens/profile';

const profile = (rules: Partial<Profile>): Profile => ({ ...unrestricted('p'), key: 'p', ...rules });
const reads = (rules: Partial<Profile>, uri: string): boolean => allowsResource(profile(rules), 'files', uri);

describe('the rules for a URI', () => {
  /** Spellings with which some server reaches `file:///data/private/key`. */
  const privateKey = [
    'file:///data/private/key',
    'file:///data/public/../private/key',
    'file:///data/./private/key',
    'file:///data//private/key',
    'file:////data/private/key',
    'file:/data/private/key',
    'file:data/private/key',
    'FILE:///data/private/key',
    'File:///data/private/key',
    'file://localhost/data/private/key',
    'file://LOCALHOST/data/private/key',
    'file://other/data/private/key',
    'file:///data/%70rivate/key',
    'file:///data/%2570rivate/key',
    'file:///data/public/%2e%2e/private/key',
    'file:///data/public/%2E./private/key',
    'file:///data/public%2f..%2fprivate/key',
    'file:///data/public/%252e%252e/private/key',
    'file:///data/public/..%5cprivate/key',
    'file:///data\\private\\key',
    'file:///data/private/key?',
    'file:///data/private/key?x=/../../public',
    'file:///data/private/key#part',
    'file:///data/private/key%3Fx',
    'file:///data/private/key%23/../../public/a',
    'file:///data/public/../private/key%3F/../../public/a',
    'file:///data/private/key/',
    'file:///data/private/key/.',
    ' file:///data/private/key ',
    'file:///data/pri\nvate/key',
    'file:///data/pri%09vate/key',
    'file:///data/private/key%00.txt',
    'file:///data/public/%c0%ae%c0%ae/private/key',
    'file%3a///data/private/key',
    'file:///data/public/../../data/private/key',
  ];

  for (const uri of privateKey)
    it(`deny ${JSON.stringify(uri)} as another spelling of a denied resource`, () => {
      assert.equal(reads({ deny: ['files__file:///data/private/key'] }, uri), false);
      assert.equal(reads({ allow: ['files'], deny: ['files__*/private/*'] }, uri), false);
    });

  for (const uri of privateKey)
    it(`allow ${JSON.stringify(uri)} to no one who may read only what is beside it`, () => {
      assert.equal(reads({ allow: ['files__file:///data/public/*'] }, uri), false);
    });

  const elsewhere: [string, string][] = [
    ['files__db://main/*', 'db://main/../other/table'],
    ['files__db://main/*', 'db://main/%2e%2e/other/table'],
    ['files__db://main/*', 'db://main/..%2fother/table'],
    ['files__db://main/*', 'db:main/table'],
    ['files__db://main/*', 'DB://main/table'],
    ['files__db://main/*', 'db://main/a/%2e%2e/%2e%2e/other?/../main'],
    ['files__notes:public/*', 'notes:public/../private/a'],
    ['files__file:///data/*', 'file:///data/../etc/passwd?/../../data/x'],
    ['files__file:///data/*', 'file:///data/../etc/passwd%23/../../data/x'],
    ['files__file:///data/*', 'file:///data/..%2fetc%2fpasswd%3f/../../../data/x'],
    ['files__file:///data/*', `file:///data/%${'25'.repeat(20)}2e%${'25'.repeat(20)}2e/x`],
    ['files__file:///data/*', `file:///data/${'x'.repeat(10_000)}`],
  ];
  for (const [rule, uri] of elsewhere)
    it(`of ${rule} do not allow ${JSON.stringify(uri.slice(0, 60))}`, () =>
      assert.equal(reads({ allow: [rule] }, uri), false));

  const denied: [string, string][] = [
    ['files__http://internal/*', 'http://internal:80/a'],
    ['files__http://internal/*', 'http://user@internal/a'],
    ['files__http://internal/*', 'HTTP://INTERNAL/a'],
    ['files__http://127.0.0.1/*', 'http://0x7f.1/a'],
    ['files__http://internal/*', 'http://internal./a'],
    ['files__DEMO://Resource/*', 'demo://resource/a'],
    ['files__demo://resource/my%20notes', 'demo://resource/my notes'],
    ['files__demo://resource/a/../b', 'demo://resource/b'],
    ['files__demo://resource/*', 'demo:////resource/a'],
    ['files__demo://resource/*', 'demo:resource/a'],
  ];
  for (const [rule, uri] of denied)
    it(`that deny ${rule} deny ${uri}`, () => assert.equal(reads({ deny: [rule] }, uri), false));

  const allowed: [string, string][] = [
    ['files__file:///data/*', 'file:///data/a/b.txt'],
    ['files__file:///data/*', 'file:///data/a%20b.txt'],
    ['files__file:///data/*', 'file:///data/100%25'],
    ['files__file:///data/a%20b.txt', 'file:///data/a%20b.txt'],
    ['files__FILE:///data/*', 'FILE:///data/a'],
    ['files__demo://Resource/*', 'demo://Resource/a'],
    ['files__db://table?id=*', 'db://table?id=5'],
    ['files__*://docs/*', 'memo://docs/a'],
    ['files__*', 'memo:anything'],
    ['files', 'file:///data/../x'],
    ['f*', 'file:///data/x'],
    ['files__memo:*', 'memo:a/b'],
    ['files__*README*', 'memo://x/README.md'],
    ['files__http://host:8080/*', 'http://host:8080/a?b=c#d'],
  ];
  for (const [rule, uri] of allowed)
    it(`of ${rule} allow ${uri}`, () => assert.equal(reads({ allow: [rule] }, uri), true));

  it('leave what is beside a denied resource', () => {
    for (const uri of ['file:///data/public/key', 'file:///data/private/keys', 'file:///data/private'])
      assert.equal(reads({ deny: ['files__file:///data/private/key'] }, uri), true, uri);
  });
});
