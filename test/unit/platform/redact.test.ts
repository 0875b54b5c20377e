import assert from 'node:assert/strict';
import { Redactor, textRedaction } from '../../../src/platform/redact';

const secret = 'p@ss/w0rd+"quoted"\\and=more';

describe('redaction', () => {
  const { redact } = new Redactor([secret]);

  it('finds a secret as it is, URL-encoded and inside JSON', () => {
    for (const form of [secret, encodeURIComponent(secret), JSON.stringify(secret).slice(1, -1)])
      assert.equal(redact(`before ${form} after`), 'before <redacted> after');
  });

  it('finds a secret in base64 at any offset of the encoded text', () => {
    for (const before of ['', 'a', 'ab', 'user:']) {
      for (const after of ['', 'z', 'zz']) {
        for (const encoding of ['base64', 'base64url'] as const) {
          const clean = redact(Buffer.from(before + secret + after).toString(encoding));
          assert.match(clean, /<redacted>/);
          assert.ok(!Buffer.from(clean, encoding).includes(secret.slice(2, 10)), clean);
        }
      }
    }
  });

  it('finds each line of a secret that has several', () => {
    const lines = [
      '-----BEGIN KEY-----',
      'MIIEvQIBADANBgkqhkiG9w0BAQEFAASC',
      'BKcwggSjAgEAAoIBAQC7VJTUt9Us8cKj',
    ];
    const many = new Redactor([lines.join('\n')]);
    for (const line of lines) assert.equal(many.redact(line), '<redacted>');
  });

  it('learns secrets while it works', () => {
    const redactor = new Redactor();
    const { redact: early } = redactor;
    redactor.add('learned-later');
    assert.equal(early('learned-later'), '<redacted>');
  });

  it('leaves values that are too short to be secrets, and texts without any', () => {
    assert.equal(new Redactor(['abc']).redact('abc abc'), 'abc abc');
    assert.equal(redact('nothing here, sk-short, eyJhbGci alone'), 'nothing here, sk-short, eyJhbGci alone');
  });

  const kinds: [string, string][] = [
    ['GitHub', `ghp_${'a1B2'.repeat(9)}`],
    ['GitHub', `github_pat_${'a1B2_'.repeat(8)}`],
    ['AWS', 'AKIAIOSFODNN7EXAMPLE'],
    ['Google', `AIza${'aB3_-'.repeat(7)}`],
    ['Slack', 'xoxb-123456789012-abcdefghijkl'],
    ['OpenAI', `sk-proj-${'aB3'.repeat(10)}`],
    ['GitLab', `glpat-${'aB3_'.repeat(5)}`],
    ['Stripe', `sk_live_${'aB3d'.repeat(6)}`],
    ['npm', `npm_${'aB3d'.repeat(9)}`],
    ['PyPI', `pypi-${'aB3-'.repeat(15)}`],
    ['Hugging Face', `hf_${'aBcDeF'.repeat(6)}`],
    ['JWT', 'eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0In0.s5-sig_nature'],
    ['private key', '-----BEGIN RSA PRIVATE KEY-----\nMIIE\nabc=\n-----END RSA PRIVATE KEY-----'],
  ];
  for (const [kind, token] of kinds)
    it(`knows a token of the kind ${kind} by its form`, () =>
      assert.equal(redact(`{"a":"${token}","b":1}`), `{"a":"<redacted ${kind}>","b":1}`));

  it('knows a token beside a dash or an underscore', () => {
    assert.equal(redact(`x-${kinds[0]?.[1] ?? ''}`), 'x-<redacted GitHub>');
    assert.equal(redact(`my_${kinds[0]?.[1] ?? ''}`), 'my_<redacted GitHub>');
    assert.equal(redact('auth-eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0In0.x'), 'auth-<redacted JWT>');
  });

  it('keeps JSON that holds the head of a key readable', () => {
    const clean = redact(JSON.stringify({ key: '-----BEGIN PRIVATE KEY-----\nMIIE', next: 1 }));
    assert.deepEqual(JSON.parse(clean), { key: '<redacted private key>', next: 1 });
  });
});

describe('redaction of text that another program printed', () => {
  const redact = textRedaction();

  it('hides given secrets, bearer tokens, secret settings and passwords in addresses', () => {
    assert.equal(textRedaction(['s3cr3t-value'])('x s3cr3t-value y'), 'x <redacted> y');
    assert.equal(redact('Authorization: Bearer abcdefghijk'), 'Authorization: Bearer <redacted>');
    assert.equal(redact('GITHUB_TOKEN=ghp_abcdef next'), 'GITHUB_TOKEN=<redacted> next');
    assert.equal(redact('"apiKey": "abcdef",'), '"apiKey": "<redacted>",');
    assert.equal(redact('http://user:hunter2@host/'), 'http://user:<redacted>@host/');
  });

  const labelled: [string, string][] = [
    ['postgres://:hunter2@host/db', 'hunter2'],
    ['https://a1b2c3d4e5f6g7h8i9@host/repository', 'a1b2c3d4e5f6g7h8i9'],
    ['X-Api-Key: k3y-of-someone', 'k3y-of-someone'],
    ['{\\"token\\":\\"abcdef\\"}', 'abcdef'],
    ['{\\\\\\"password\\\\\\":\\\\\\"abcdef\\\\\\"}', 'abcdef'],
    ["client_secret: 'abc def'", 'abc def'],
    ['PGPASSWORD=swordfish', 'swordfish'],
    ['  password: swordfish', 'swordfish'],
    ['the password: s0rdfish was refused', 's0rdfish'],
    ['server --password s0rdfish --port 1', 's0rdfish'],
    ['GET /a?access_token=abcdef&page=1', 'abcdef'],
    ['proxy-authorization: basic abcdefgh', 'abcdefgh'],
    ['curl -H "Authorization: Bearer abc.def-123"', 'abc.def-123'],
    ['SSH_PASSPHRASE="swordfish"', 'swordfish'],
  ];
  for (const [line, value] of labelled)
    it(`hides the value in ${line}`, () => assert.equal(redact(line), line.replace(value, '<redacted>')));

  const clean = [
    '{"tokenFile":"/a/token","tokens":12}',
    'token: EACCES: permission denied',
    'The token: expected one of a, b',
    'password: incorrect',
    'Invalid token: unexpected end of input',
    'secret: required.',
    'max_token: 4096',
    'token = 4096 of 8192',
    'the token: /run/mcp-gateway/token',
    'GITHUB_TOKEN=${GITHUB_TOKEN}',
    'TOKEN=<redacted>',
    'TOKEN=undefined',
    'Basic authentication is not supported, a bearer credential is',
    'ssh://git@example.com/a and https://example.com:8080/a@b',
    '--token NAME reads --password from a file',
  ];
  for (const line of clean) it(`leaves alone: ${line}`, () => assert.equal(redact(line), line));

  it('leaves no value for the next parameter', () => {
    assert.equal(redact('/a?token=abcdef&page=1'), '/a?token=<redacted>&page=1');
  });
});
