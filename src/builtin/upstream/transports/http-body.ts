import type { IncomingMessage } from 'node:http';
import { AppError } from '../../../platform/errors';
import { SseParser } from '../../../mcp-wire/sse';

/** Returns the current limit for the size of a result, in bytes. */
export type ResultLimit = () => number;

export const defaultResultLimit: ResultLimit = () => 64 * 1024 * 1024;

/** The size that a message may have in addition to its result. */
const envelopeBytes = 64 * 1024;

/** Reads a whole body. Throws when the connection breaks or the body is larger than `limit` bytes. */
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

/** A stream of server-sent events, which may continue over several connections. */
export class EventStreamReader {
  /** The id of the last complete event. After a break the stream resumes there. */
  lastEventId: string | undefined;
  /** The `retry` time of the server: how long to wait before the next connection. */
  retryMs: number | undefined;

  constructor(
    readonly limit: ResultLimit,
    readonly onData: (data: Buffer, event: string) => void,
  ) {}

  /** Reads until the connection ends. Resolves with whether an event came. Throws on a break or a too large event. */
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
    `The response is larger than the limit of ${limit} bytes (gateway.limits.resultBytes in servers.json).`,
  );
}

/** Reads a body chunk by chunk. An error of `onChunk` ends the connection. */
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
    response.once('close', () => reject(new Error('The connection broke.')));
  });
}
