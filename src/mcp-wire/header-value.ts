const sentinel = /^=\?base64\?.*\?=$/i;

/**
 * A text as a header value (SEP-2243). A text of visible ASCII characters with inner spaces is unchanged. Any other text,
 * and a text that looks like the encoded form, becomes `=?base64?…?=` with its UTF-8 bytes.
 */
export function headerValue(text: string): string {
  if (/^[\x21-\x7e]([\x20-\x7e]*[\x21-\x7e])?$/.test(text) && !sentinel.test(text)) return text;
  return `=?base64?${Buffer.from(text, 'utf8').toString('base64')}?=`;
}

/** Decodes the value of a header. Values beyond ASCII are sent as `=?base64?…?=`. */
export function decodeHeader(value: string): string {
  const [, encoded] = /^=\?base64\?([A-Za-z0-9+/=]*)\?=$/.exec(value) ?? [];
  return encoded === undefined ? value : Buffer.from(encoded, 'base64').toString('utf8');
}
