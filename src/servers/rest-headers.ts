import * as v from 'valibot';

/** The gateway sets these itself. Another value would change where one request ends and the next one begins. */
const ownHeaders = new Set([
  'connection',
  'content-length',
  'expect',
  'keep-alive',
  'proxy-connection',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
]);

/** An argument must not choose the host, what the body is, who asks, or another method. */
const fixedHeaders = new Set([
  'content-encoding',
  'content-type',
  'forwarded',
  'host',
  'proxy-authorization',
  'via',
  'x-http-method',
  'x-http-method-override',
  'x-method-override',
  'x-original-url',
  'x-real-ip',
  'x-rewrite-url',
]);

const placeholder = /\{\{\s*args\b/;

/** The name of a header that a REST API may set. */
export const restHeaderName = v.pipe(
  v.string(),
  v.regex(/^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/, 'This is not the name of an HTTP header.'),
  v.check(
    (name) => !ownHeaders.has(name.toLowerCase()),
    'The gateway sets this header itself. Remove it from servers.json.',
  ),
);

/** The headers of a REST API or of one of its tools. */
export const restHeaders = v.pipe(
  v.record(restHeaderName, v.string()),
  v.check(
    (headers) => Object.entries(headers).every(([name, value]) => !placeholder.test(value) || mayVary(name)),
    'An argument must not decide Host, Content-Type, Content-Encoding, Forwarded, Via, X-Forwarded-* or a header that replaces the method or the path. Write a fixed value.',
  ),
);

function mayVary(name: string): boolean {
  const lower = name.toLowerCase();
  return !fixedHeaders.has(lower) && !lower.startsWith('x-forwarded-');
}
