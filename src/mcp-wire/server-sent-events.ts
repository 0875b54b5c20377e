import { SseParser } from './sse';

/** One server-sent event. `event` is `message` when the sender gave it no name. */
export interface ServerSentEvent {
  event: string;
  data: string;
}

/** The events of a stream that have data, in order. The end of the stream discards an event that has not ended. */
export async function* serverSentEvents(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<ServerSentEvent> {
  const ready: ServerSentEvent[] = [];
  let event = '';
  const parser = new SseParser(
    (data) => ready.push({ event: event || 'message', data: data.toString('utf8') }),
    (line) => (event = nameIn(line.toString('utf8')) ?? event),
    () => (event = ''),
  );
  for await (const chunk of chunks) {
    parser.push(Buffer.from(chunk));
    yield* ready.splice(0);
  }
}

function nameIn(line: string): string | undefined {
  return /^event: ?(.*)$/.exec(line)?.[1];
}
