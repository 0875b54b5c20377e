import http, { type IncomingMessage } from 'node:http';
import { late } from '../platform/late';

/** One HTTP request whose body and reply are bytes. */
export interface HttpRequest {
  url: URL;
  method: 'GET' | 'POST' | 'PUT' | 'DELETE';
  headers: Readonly<Record<string, string>>;
  body?: Buffer;
  signal?: AbortSignal;
  /** Uses a connection of its own, so that a failure before it is open proves that nothing was delivered. */
  fresh?: boolean;
}

/** The two moments of a request under way. */
export interface HttpExchange {
  /** The request has been handed to the operating system, or has failed. Never rejects. */
  flushed: Promise<void>;
  /** The head of the reply; its body is read by iteration. Rejects with {@link DeliveryError}. */
  reply: Promise<IncomingMessage>;
}

/** No reply came. `delivered` is `no` when the peer cannot have seen the request, `unknown` when it may have. */
export class DeliveryError extends Error {
  constructor(
    readonly delivered: 'no' | 'unknown',
    cause: unknown,
  ) {
    super(cause instanceof Error ? cause.message : String(cause), { cause });
    this.name = 'DeliveryError';
  }
}

const connectTimeoutMs = 10_000;
const keepAliveProbeMs = 15_000;
const plain = { request: http.request, agent: new http.Agent({ keepAlive: true }) };
let overTls: typeof plain | undefined;

/** Who sends over this protocol. TLS is loaded for an address that takes it: a gateway beside its users does without. */
function senderFor(protocol: string): typeof plain {
  if (protocol !== 'https:') return plain;
  return (overTls ??= { request: late.https.request, agent: new late.https.Agent({ keepAlive: true }) });
}

/** Starts a request. Redirects are not followed: a token never travels to another host. */
export function exchange(request: HttpRequest): HttpExchange {
  const sender = senderFor(request.url.protocol);
  const outgoing = sender.request(request.url, {
    method: request.method,
    headers: {
      ...request.headers,
      ...(request.body ? { 'content-length': String(request.body.length) } : {}),
    },
    agent: request.fresh === true ? false : sender.agent,
    ...(request.signal ? { signal: request.signal } : {}),
  });
  let connected = false;
  outgoing.once('socket', (socket) => {
    connected = !socket.connecting;
    if (connected) return;
    const timer = setTimeout(() => outgoing.destroy(new Error('the connection timed out')), connectTimeoutMs);
    socket.once('close', () => clearTimeout(timer));
    socket.once('connect', () => {
      clearTimeout(timer);
      connected = true;
      socket.setKeepAlive(true, keepAliveProbeMs);
    });
  });
  const flushed = new Promise<void>((resolve) => {
    outgoing.once('finish', resolve).once('close', resolve);
  });
  const reply = new Promise<IncomingMessage>((resolve, reject) => {
    outgoing.once('response', resolve);
    outgoing.on('error', (error) => reject(new DeliveryError(connected ? 'unknown' : 'no', error)));
  });
  outgoing.end(request.body);
  return { flushed, reply };
}

/** The chunks of a reply's body, as they arrive; reading them slowly slows the sender down. */
export async function* chunksOf(reply: IncomingMessage): AsyncGenerator<Buffer> {
  for await (const chunk of reply as AsyncIterable<unknown>) {
    if (Buffer.isBuffer(chunk)) yield chunk;
  }
}

/** The whole body. Throws when the connection breaks before its end, or beyond `limit` bytes. */
export async function bodyOf(reply: IncomingMessage, limit = Number.POSITIVE_INFINITY): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of chunksOf(reply)) {
    length += chunk.length;
    if (length > limit) break;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

/** The media type of a reply, without parameters, in lower case. */
export function mediaTypeOf(reply: IncomingMessage): string {
  return (reply.headers['content-type'] ?? '').split(';', 1)[0]?.trim().toLowerCase() ?? '';
}
