import type { IncomingHttpHeaders } from 'node:http';
import type { EdgeRequest } from '../http';

/** What a request of the fast path says before its body. */
export interface RequestHead {
  /** As it came, with the empty line at its end. */
  readonly bytes: Buffer;
  readonly url: string;
  readonly headers: IncomingHttpHeaders;
  readonly bodyLength: number;
}

/** A request that has arrived in full. */
export class WholeRequest implements EdgeRequest {
  readonly method = 'POST';

  constructor(
    readonly head: RequestHead,
    readonly body: Buffer,
  ) {}

  get url(): string {
    return this.head.url;
  }

  get headers(): IncomingHttpHeaders {
    return this.head.headers;
  }
}

/** The largest request of the fast path, head included: what a socket is read by at one time. */
const longestRequest = 65_536;
/** The same limit as that of Node's HTTP server. */
const longestHead = 16_384;

const post = Buffer.from('POST ');
const endOfHead = Buffer.from('\r\n\r\n');

const requestLine = /^POST (\/[\x21-\x7e]*) HTTP\/1\.1$/;
/** A token, a colon and visible ASCII; linear in the length of the line. */
const headerLine = /^([!#$%&'*+.^_`|~0-9A-Za-z-]+):([\t\x20-\x7e]*)$/;
/** These say that more is to be done about the request than to read its body. */
const special = new Set(['transfer-encoding', 'expect', 'upgrade', 'trailer', 'te', '__proto__']);

/**
 * The request at the beginning of the bytes (RFC 9112): `undefined` where the rest of it is still to come, `'other'` for
 * whatever is not the plain POST of an MCP client. Only a request is taken that no two readers could understand in two
 * ways: HTTP/1.1, one Host, one Content-Length, no header twice, none that changes how the body is read.
 *
 * `last`: the head that came before on the same connection. Clients repeat it byte for byte, and comparing it costs a tenth
 * of reading it again.
 */
export function readRequest(
  bytes: Buffer,
  last: RequestHead | undefined,
): WholeRequest | 'other' | undefined {
  const head = last && startsWith(bytes, last.bytes) ? last : readHead(bytes);
  if (head === undefined || head === 'other') return head;
  const start = head.bytes.length;
  const end = start + head.bodyLength;
  if (end > longestRequest) return 'other';
  return bytes.length < end ? undefined : new WholeRequest(head, bytes.subarray(start, end));
}

function startsWith(bytes: Buffer, start: Buffer): boolean {
  return bytes.length >= start.length && bytes.compare(start, 0, start.length, 0, start.length) === 0;
}

function readHead(bytes: Buffer): RequestHead | 'other' | undefined {
  const end = bytes.indexOf(endOfHead);
  if (end > longestHead) return 'other';
  if (end < 0) {
    const begun = bytes.subarray(0, post.length);
    return bytes.length > longestHead || !post.subarray(0, begun.length).equals(begun) ? 'other' : undefined;
  }
  const [first = '', ...lines] = bytes.toString('latin1', 0, end).split('\r\n');
  const url = requestLine.exec(first)?.[1];
  const headers = url === undefined ? undefined : readHeaders(lines);
  if (url === undefined || headers === undefined) return 'other';
  const length = headers['content-length'];
  if (headers.host === undefined || length === undefined || !/^\d{1,6}$/.test(length)) return 'other';
  // A copy: the head is kept for the next request, what it was read from is not.
  const own = Buffer.from(bytes.subarray(0, end + endOfHead.length));
  return { bytes: own, url, headers, bodyLength: Number(length) };
}

/** `undefined` where a line is not what a client of the fast path sends. */
function readHeaders(lines: readonly string[]): IncomingHttpHeaders | undefined {
  const headers: IncomingHttpHeaders = {};
  for (const line of lines) {
    const [, given, value] = headerLine.exec(line) ?? [];
    if (given === undefined || value === undefined) return undefined;
    const name = given.toLowerCase();
    const text = value.trim();
    if (special.has(name) || Object.hasOwn(headers, name)) return undefined;
    if (name === 'connection' && text.toLowerCase() !== 'keep-alive') return undefined;
    headers[name] = text;
  }
  return headers;
}
