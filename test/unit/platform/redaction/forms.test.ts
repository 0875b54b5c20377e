import assert from 'node:assert/strict';
import { Redactor } from '../../../../src/platform/redact';

/** A value of each kind that a secret can have. */
const secrets: Readonly<Record<string, string>> = {
  'letters and digits': 'hunter2-Kx81mQz7',
  'signs of every encoding': 'p@ss/w0rd+"quoted"\\and=more %41 \\n',
  'letters beyond ASCII': 'pässwörd-密码-🔑-geheim',
  'a hundred bytes': Array.from({ length: 100 }, (_, i) =>
    String.fromCharCode(48 + ((i * i + 37 * i) % 75)),
  ).join(''),
  'six characters': 'x7$Kq/',
};

const percentEach = (text: string): string =>
  [...Buffer.from(text)].map((byte) => `%${byte.toString(16).padStart(2, '0')}`).join('');
const unitEach = (text: string): string =>
  Array.from(
    { length: text.length },
    (_, i) => `\\u${text.charCodeAt(i).toString(16).padStart(4, '0')}`,
  ).join('');
const upper = (escaped: string): string =>
  escaped.replace(/%..|(?<=\\u)..../g, (digits) => digits.toUpperCase());
const lower = (escaped: string): string => escaped.replace(/%../g, (digits) => digits.toLowerCase());
const json = (text: string): string => JSON.stringify(text).slice(1, -1);
const hex = (text: string): string => Buffer.from(text).toString('hex');
const wrapped = (encoded: string, columns: number, end: string): string =>
  encoded.replace(new RegExp(`(.{${columns}})(?=.)`, 'g'), `$1${end}`);

/** The forms in which programs print a secret. */
const forms: Readonly<Record<string, (secret: string) => string>> = {
  plain: (secret) => secret,
  'URL-encoded': encodeURIComponent,
  'URL-encoded in lower case': (secret) => lower(encodeURIComponent(secret)),
  'URL-encoded twice': (secret) => encodeURIComponent(encodeURIComponent(secret)),
  'every byte URL-encoded': percentEach,
  'every byte URL-encoded in upper case': (secret) => upper(percentEach(secret)),
  'as a field of a form': (secret) => new URLSearchParams([['', secret]]).toString().slice(1),
  JSON: json,
  'JSON in JSON': (secret) => json(json(secret)),
  'JSON in JSON in JSON': (secret) => json(json(json(secret))),
  'JSON with \\/': (secret) => json(secret).replaceAll('/', '\\/'),
  'JSON with \\/ in JSON': (secret) => json(json(secret).replaceAll('/', '\\/')),
  '\\u escapes': unitEach,
  '\\u escapes in upper case': (secret) => upper(unitEach(secret)),
  '\\u escapes in JSON': (secret) => json(unitEach(secret)),
  '\\u escapes beyond ASCII': (secret) => json(secret).replace(/[^\0-\x7f]/g, unitEach),
  '\\x escapes': (secret) => percentEach(secret).replaceAll('%', '\\x'),
  'URL-encoded JSON': (secret) => encodeURIComponent(json(secret)),
  'JSON of a URL': (secret) => json(encodeURIComponent(secret)),
  hex,
  'hex in upper case': (secret) => hex(secret).toUpperCase(),
  'hex wrapped': (secret) => wrapped(hex(secret), 60, '\n'),
};

const base64Forms: Readonly<Record<string, (encoded: string) => string>> = {
  'as it is': (encoded) => encoded,
  'without padding': (encoded) => encoded.replace(/=+$/, ''),
  'of URLs': (encoded) => encoded.replaceAll('+', '-').replaceAll('/', '_').replace(/=+$/, ''),
  'wrapped at 76 columns': (encoded) => wrapped(encoded, 76, '\n'),
  'wrapped at 64 columns with CR LF': (encoded) => wrapped(encoded, 64, '\r\n'),
  'wrapped and indented': (encoded) => wrapped(encoded, 64, '\n    '),
  'wrapped in JSON': (encoded) => json(wrapped(encoded, 76, '\n')),
  'wrapped in JSON in JSON': (encoded) => json(json(wrapped(encoded, 64, '\r\n'))),
  'with \\/': (encoded) => encoded.replaceAll('/', '\\/'),
  'URL-encoded': encodeURIComponent,
  'URL-encoded in lower case': (encoded) => lower(encodeURIComponent(encoded)),
};

describe('the forms of a secret', () => {
  for (const [kind, secret] of Object.entries(secrets)) {
    const { redact } = new Redactor([secret]);
    for (const [form, print] of Object.entries(forms))
      it(`with ${kind} are found: ${form}`, () => {
        assert.equal(redact(`before: ${print(secret)}, after`), 'before: <redacted>, after');
        assert.equal(redact(print(secret)), '<redacted>');
      });

    for (const [form, print] of Object.entries(base64Forms))
      it(`with ${kind} are found: base64 ${form}, at any offset`, () => {
        for (const before of ['', 'a', 'ab', 'user:'])
          for (const after of ['', 'z', 'zz', 'zzzz']) {
            const clean = redact(`key: ${print(Buffer.from(before + secret + after).toString('base64'))}!`);
            assert.match(clean, /^key: [^]*<redacted>[^]*!$/);
            // What is left can be only the neighbours.
            assert.ok(
              clean.length <= 'key: <redacted>!'.length + 2 * (before.length + after.length) + 8,
              clean,
            );
          }
      });
  }

  it('are found beside digits of the same encoding', () => {
    const { redact } = new Redactor(['hunter2-Kx81mQz7']);
    for (const before of ['', 'a', 'ab', 'abc', 'deadbeef'])
      for (const form of [hex, (text: string) => Buffer.from(text).toString('base64')])
        assert.match(redact(`${before}${form('hunter2-Kx81mQz7')}abc`), /^[a-f]*<redacted>[a-f=]*$/);
  });
});

describe('a long secret', () => {
  const long = Array.from({ length: 65_536 }, (_, i) =>
    String.fromCharCode(33 + ((i * i * 31 + i * 7) % 89)),
  ).join('');
  const { redact } = new Redactor([long]);

  it('is found in every form', () => {
    for (const print of [forms['plain'], forms['JSON in JSON'], forms['every byte URL-encoded'], hex]) {
      assert.ok(print);
      assert.equal(redact(`before: ${print(long)}, after`), 'before: <redacted>, after');
    }
    const encoded = Buffer.from(long).toString('base64');
    assert.equal(redact(wrapped(encoded, 76, '\n')).replace(/=*$/, ''), '<redacted>');
  });

  it('is found in pieces, as a log shows it line by line', () => {
    for (const [start, end] of [
      [0, 40],
      [1001, 1100],
      [65_000, 65_536],
    ] as const)
      assert.equal(redact(`line ${long.slice(start, end)}.`).replace(/[.]/g, ''), 'line <redacted>');
  });

  it('is found line by line when its base64 is wrapped, from the second line on', () => {
    const value = 'a-secret-of-a-hundred-bytes-'.repeat(4).slice(0, 100);
    const lines = wrapped(Buffer.from(value).toString('base64'), 64, '\n').split('\n');
    const redactor = new Redactor([value]);
    for (const line of lines.filter(({ length }) => length === 64))
      assert.equal(redactor.redact(line), '<redacted>');
  });
});

describe('a text with no secret', () => {
  const { redact } = new Redactor([...Object.values(secrets), 'postgres://app:pw@db.example.com/app']);

  it('is left as it is', () => {
    for (const text of [
      'token: EACCES: permission denied',
      'the file p@ss/w0rd.txt, 100% done, C:\\new\\table',
      'connect to db.example.com failed',
      'deadbeef'.repeat(20),
      'QUJDREVG'.repeat(20),
      'sk-circle-fade-dot-wrapper-inner',
      '%%%\\\\\\\\u00\\u\\',
      '',
    ])
      assert.equal(redact(text), text);
  });
});

describe('redaction with many and large secrets', () => {
  it('takes secrets of every length up to 64 KiB, and never throws', () => {
    const redactor = new Redactor();
    for (let length = 1; length <= 65_536; length *= 2) {
      const secret = Buffer.from(Array.from({ length }, (_, i) => 40 + ((i * 7 + length) % 80))).toString();
      redactor.add(secret);
      assert.equal(redactor.redact(`[${secret}]`), length < 6 ? `[${secret}]` : '[<redacted>]');
    }
    for (const odd of [
      '\ud800lone-high',
      'lone-low\udc00',
      '\\\\\\\\\\\\\\\\',
      '%%%%%%%%',
      '\n'.repeat(40),
      ' '.repeat(70_000),
    ]) {
      redactor.add(odd);
      assert.doesNotThrow(() => redactor.redact(`a ${odd} b \ud800 \udc00 \\ud800 %ff%c3`));
    }
  });

  it('takes escapes that lie in one another, however deep', () => {
    const { redact } = new Redactor(['hunter2-Kx81mQz7']);
    for (const text of [
      `${'%3'.repeat(100_000)}1`,
      `${'%25'.repeat(100_000)}41`,
      '\\'.repeat(100_000),
      '\\u0'.repeat(50_000),
    ])
      assert.equal(redact(`${text} hunter2-Kx81mQz7`), `${text} <redacted>`);
  });

  it('replaces a text that is nothing but secrets, one over the other, once', () => {
    const { redact } = new Redactor(['aaaaaa', 'a'.repeat(100), 'a'.repeat(5000)]);
    assert.equal(redact('a'.repeat(300_000)), '<redacted>');
    assert.equal(redact(`${'a'.repeat(300_000)} aaaaa aaaaaa`), '<redacted> aaaaa <redacted>');
  });

  it('finds each of 3000 secrets, and those that are alike', () => {
    const alike = Array.from(
      { length: 3000 },
      (_, i) => `https://hooks.example.com/services/${String(i).padStart(5, '0')}`,
    );
    const short = Array.from({ length: 3000 }, (_, i) => `secret-${String(i).padStart(5, '0')}`);
    const { redact } = new Redactor([...alike, ...short]);
    for (const secret of [...alike, ...short]) assert.equal(redact(`"${secret}"`), '"<redacted>"');
    assert.equal(
      redact('https://hooks.example.com/services/other'),
      'https://hooks.example.com/services/other',
    );
  });

  it('reads no more of a text than it is asked for, and shows no half of a secret at the cut', () => {
    const { redact } = new Redactor(['hunter2-Kx81mQz7']);
    for (let at = 80; at <= 100; at += 1) {
      const clean = redact(`${'.'.repeat(at)}hunter2-Kx81mQz7${'.'.repeat(1_000_000)}`, 100);
      assert.match(clean, at < 100 ? /^\.+<redacted>\.{0,20}$/ : /^\.{100}$/);
    }
  });
});
