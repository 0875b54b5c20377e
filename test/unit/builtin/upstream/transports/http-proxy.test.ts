import assert from 'node:assert/strict';
import { proxyCredentials, proxyFor } from '../../../../../src/builtin/upstream/transports/http-proxy';

const env = { HTTPS_PROXY: 'http://secure:1', HTTP_PROXY: 'http://plain:2' };
const over = (url: string, more: Record<string, string> = {}): string | undefined =>
  proxyFor(new URL(url), { ...env, ...more })?.host;

describe('the proxy of a URL', () => {
  it('is chosen by the scheme, small letters first, and may be one for all', () => {
    assert.equal(over('https://example.com/'), 'secure:1');
    assert.equal(over('http://example.com/'), 'plain:2');
    assert.equal(over('http://example.com/', { http_proxy: 'other:3' }), 'other:3');
    assert.equal(proxyFor(new URL('https://example.com'), { ALL_PROXY: 'http://all:4' })?.host, 'all:4');
    assert.equal(proxyFor(new URL('https://example.com'), { HTTPS_PROXY: '' }), undefined);
    assert.throws(
      () => over('https://example.com/', { HTTPS_PROXY: 'socks5://x:1' }),
      /is not an HTTP proxy/,
    );
  });

  it('is none for this machine', () => {
    for (const host of ['localhost', 'a.localhost', '127.0.0.1', '127.8.8.8', '[::1]'])
      assert.equal(over(`http://${host}:8080/`), undefined, host);
  });

  it('is none for what NO_PROXY names', () => {
    const direct = (url: string, entries: string): boolean => over(url, { NO_PROXY: entries }) === undefined;
    const cases: [string, string, boolean][] = [
      ['https://a.example.com/', 'example.com', true],
      ['https://example.com/', '.example.com', true],
      ['https://a.example.com/', 'x, *.example.com', true],
      ['https://badexample.com/', 'example.com', false],
      ['https://example.com:8443/', 'example.com:8443', true],
      ['https://example.com/', 'example.com:8443', false],
      ['https://example.com/', 'example.com:443', true],
      ['http://10.1.2.3/', '10.0.0.0/8', true],
      ['http://11.1.2.3/', '10.0.0.0/8', false],
      ['http://[fd00::5]/', 'fd00::/8', true],
      ['http://[fd00::5]:81/', '[fd00::5]:81', true],
      ['http://1.10.0.0/', '10.0.0', false],
      ['https://EXAMPLE.com/', 'Example.COM', true],
      ['https://anything/', '*', true],
      ['https://anything/', ' , ', false],
    ];
    for (const [url, entries, expected] of cases)
      assert.equal(direct(url, entries), expected, `${url} ${entries}`);
  });

  it('may carry credentials', () => {
    assert.equal(
      proxyCredentials(new URL('http://u%40x:p%3A@proxy')),
      `Basic ${Buffer.from('u@x:p:').toString('base64')}`,
    );
    assert.equal(proxyCredentials(new URL('http://proxy')), undefined);
  });
});
