import type { IncomingMessage } from 'node:http';
import { AppError } from '../../../platform/errors';
import { SseParser } from '../../../mcp-wire/sse';

/** The largest result that a server may send, in bytes, as it is at any time. */
export type ResultLimit = () => number;

export const defaultResultLimit: ResultLimit = () => 64 * 1024 * 1024;

/** What a message may hold beside its result. */
const envelopeBytes = 64 * 1024;

/** Reads a whole body. Throws when it breaks off or is larger than `limit` bytes. */
export async function readBody(response: IncomingMessage, limit: number): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let size = 0;
  await consume(response, (chunk) => {
    size += chunk.length;
    if (size > limit + envelopeBytes) throw tooLarge(limit);
    chunks.push(chunk);
  });
  const [first] = chunks;
  return chunks.length === 1 && first ? first : Buffer.concat(chunks);
}

export function isEventStream(response: IncomingMessage): boolean {
  return response.headers['content-type']?.startsWith('text/event-stream') === true;
}

/** A stream of server-sent events across the connections that it may take to read it. */
export class EventStreamReader {
  /** The id of the last whole event: where to go on after a break. */
  lastEventId: string | undefined;
  /** How long the server asks to wait before the next connection. */
  retryMs: number | undefined;

  constructor(
    readonly limit: ResultLimit,
    readonly onData: (data: Buffer, event: string) => void,
  ) {}

  /** Reads until the connection ends, and tells whether an event came. Throws when it breaks, or at an event that is too large. */
  async read(response: IncomingMessage): Promise<boolean> {
    let id: string | undefined;
    let event = 'message';
    let events = 0;
    let size = 0;
    const parser = new SseParser(
      (data) => this.onData(data, event),
      (line) => {
        const [, field, value = ''] = /^(id|event|retry)(?:: ?(.*))?$/.exec(line.toString('utf8')) ?? [];
        if (field === 'id' && !value.includes('\0')) id = value;
        if (field === 'event') event = value === '' ? 'message' : value;
        if (field === 'retry' && /^\d{1,9}$/.test(value)) this.retryMs = Number(value);
      },
      () => {
        if (id !== undefined) this.lastEventId = id;
        event = 'message';
        events += 1;
        size = 0;
      },
    );
    await consume(response, (chunk) => {
      size += chunk.length;
      parser.push(chunk);
      if (size > this.limit() + envelopeBytes) throw tooLarge(this.limit());
    });
    return events > 0;
  }
}

function tooLarge(limit: number): AppError {
  return new AppError(
    'refused',
    `the answer is larger than the ${limit} bytes that are passed on (gateway.limits.resultBytes in servers.json)`,
  );
}

/** Takes a body chunk by chunk. What `onChunk` throws ends the connection. */
async function consume(response: IncomingMessage, onChunk: (chunk: Buffer) => void): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    response.on('data', (chunk: Buffer) => {
      try {
        onChunk(chunk);
      } catch (error) {
        reject(error instanceof Error ? error : new Error(String(error)));
        response.destroy();
      }
    });
    response.once('end', resolve);
    response.once('error', reject);
    response.once('close', () => reject(new Error('the connection broke')));
  });
}
