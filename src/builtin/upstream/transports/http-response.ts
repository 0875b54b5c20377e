import type { IncomingMessage } from 'node:http';
import { AppError } from '../../../platform/errors';
import { EventStreamReader, isEventStream, readBody, type ResultLimit } from './http-body';
import { isAnswer, NoResponseError } from './http-problem';

/** How long a stream may stay open after the response. */
const graceMs = 1000;

export interface AnswerReading {
  limit: ResultLimit;
  /** Whether the sent message was a request. */
  isRequest: boolean;
  onMessage(message: Buffer): void;
  /** Resumes a broken stream on a new connection. Rejects when it cannot be resumed. */
  next(stream: EventStreamReader, cause: unknown): Promise<IncomingMessage>;
}

/** Reads everything that a server sends in response to one message. Throws when it ends without the response. */
export async function readAnswer(response: IncomingMessage, reading: AnswerReading): Promise<void> {
  await (isEventStream(response) ? readEvents(response, reading) : readMessage(response, reading));
}

async function readMessage(response: IncomingMessage, reading: AnswerReading): Promise<void> {
  const body = await readBody(response, reading.limit());
  if (body.length > 0) reading.onMessage(body);
  if (!reading.isRequest || isAnswer(body)) return;
  throw new NoResponseError(
    `The server accepted the request but sent no response (HTTP ${response.statusCode ?? 0}).`,
  );
}

async function readEvents(first: IncomingMessage, reading: AnswerReading): Promise<void> {
  let response = first;
  let pending = reading.isRequest;
  const isPending = (): boolean => pending;
  let lingering: NodeJS.Timeout | undefined;
  const stream = new EventStreamReader(reading.limit, (data) => {
    reading.onMessage(data);
    if (!pending || !isAnswer(data)) return;
    pending = false;
    lingering = setTimeout(() => response.destroy(), graceMs).unref();
  });
  for (;;) {
    const broken = await stream.read(response).then(
      () => undefined,
      (error: unknown) => error,
    );
    clearTimeout(lingering);
    if (!isPending()) return;
    if (broken instanceof AppError) throw broken;
    response = await reading.next(stream, broken);
  }
}
