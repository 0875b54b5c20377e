import type { IncomingMessage } from 'node:http';
import { AppError } from '../../../platform/errors';
import { EventStreamReader, isEventStream, readBody, type ResultLimit } from './http-body';
import { isAnswer, NoResponseError } from './http-problem';

/** How long a stream whose answer has come may stay open. */
const graceMs = 1000;

export interface AnswerReading {
  limit: ResultLimit;
  /** Whether what was sent wants an answer. */
  isRequest: boolean;
  onMessage(message: Buffer): void;
  /** The next connection of an answer that has broken off. Rejects when it cannot go on. */
  next(stream: EventStreamReader, cause: unknown): Promise<IncomingMessage>;
}

/** Reads everything that a server says in response to one message. Throws when it ends without the answer. */
export async function readAnswer(response: IncomingMessage, reading: AnswerReading): Promise<void> {
  await (isEventStream(response) ? readEvents(response, reading) : readMessage(response, reading));
}

async function readMessage(response: IncomingMessage, reading: AnswerReading): Promise<void> {
  const body = await readBody(response, reading.limit());
  if (body.length > 0) reading.onMessage(body);
  if (!reading.isRequest || isAnswer(body)) return;
  throw new NoResponseError(
    `the server ended its response without an answer (HTTP ${response.statusCode ?? 0})`,
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
