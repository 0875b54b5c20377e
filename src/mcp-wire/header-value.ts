const sentinel = /^=\?base64\?.*\?=$/i;

/**
 * A text as a header value (SEP-2243): as it is when it is visible ASCII, also within; otherwise, and when it looks like
 * the encoded form itself, as `=?base64?…?=` of its UTF-8.
 */
export function headerValue(text: string): string {
  if (/^[\x21-\x7e]([\x20-\x7e]*[\x21-\x7e])?$/.test(text) && !sentinel.test(text)) return text;
  return `=?base64?${Buffer.from(text, 'utf8').toString('base64')}?=`;
}

/** The value of a header; what goes beyond ASCII travels as `=?base64?…?=`. */
export function decodeHeader(value: string): string {
  const [, encoded] = /^=\?base64\?([A-Za-z0-9+/=]*)\?=$/.exec(value) ?? [];
  return encoded === undefined ? value : Buffer.from(encoded, 'base64').toString('utf8');
}
