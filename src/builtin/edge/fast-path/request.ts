import type { IncomingHttpHeaders } from 'node:http';
import type { EdgeRequest } from '../http';

/** The head of a request on the fast path. */
export interface RequestHead {
  /** The received bytes, including the empty line at the end. */
  readonly bytes: Buffer;
  readonly url: string;
  readonly headers: IncomingHttpHeaders;
  readonly bodyLength: number;
}

/** A complete request. */
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

/** The maximum size of a request on the fast path, including its head: the size of one read of a socket. */
const longestRequest = 65_536;
/** The same limit as that of Node's HTTP server. */
const longestHead = 16_384;

const post = Buffer.from('POST ');
const endOfHead = Buffer.from('\r\n\r\n');

const requestLine = /^POST (\/[\x21-\x7e]*) HTTP\/1\.1$/;
/** A token, a colon and visible ASCII; linear in the length of the line. */
const headerLine = /^([!#$%&'*+.^_`|~0-9A-Za-z-]+):([\t\x20-\x7e]*)$/;
/** Headers that require more than reading the body. */
const special = new Set(['transfer-encoding', 'expect', 'upgrade', 'trailer', 'te', '__proto__']);

/**
 * Reads the request at the start of the bytes (RFC 9112). `undefined` when it is incomplete, and `'other'` when it is not a
 * simple POST of an MCP client. Only unambiguous requests are accepted: HTTP/1.1, one Host, one Content-Length, no
 * repeated header, and no header that changes how the body is read.
 *
 * `last` is the previous head on the same connection. Clients repeat it byte for byte, and comparing it costs a tenth of
 * parsing it again.
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
  // Copied, because the head is kept for the next request, but the buffer is not.
  const own = Buffer.from(bytes.subarray(0, end + endOfHead.length));
  return { bytes: own, url, headers, bodyLength: Number(length) };
}

/** `undefined` when a line does not have the form that the fast path accepts. */
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
