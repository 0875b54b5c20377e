import type { IncomingMessage } from 'node:http';
import { SseParser } from '../../mcp-wire/sse';
import { chunksOf } from '../http';

/** Where a stream of server-sent events stands: what is needed to go on with it after a break. */
export class StreamPosition {
  lastEventId: string | undefined;
  /** How long the server wants us to wait before we come back, in milliseconds. */
  retryMs: number | undefined;

  /** Takes a line that is not data. */
  note(line: string): void {
    const id = /^id: ?([^\0]*)$/.exec(line)?.[1];
    if (id !== undefined) this.lastEventId = id === '' ? undefined : id;
    const retry = /^retry: ?(\d{1,9})$/.exec(line)?.[1];
    if (retry !== undefined) this.retryMs = Number(retry);
  }
}

/** The data of each event of a reply, in order; `position` is kept up to date. */
export async function* eventsOf(reply: IncomingMessage, position: StreamPosition): AsyncGenerator<Buffer> {
  const ready: Buffer[] = [];
  const parser = new SseParser(
    (data) => void ready.push(data),
    (line) => position.note(line.toString('utf8')),
  );
  for await (const chunk of chunksOf(reply)) {
    parser.push(chunk);
    for (const data of ready.splice(0)) if (data.length > 0) yield data;
  }
}
