import type { IncomingMessage } from 'node:http';
import { setTimeout as delay } from 'node:timers/promises';
import { isEventStream, type EventStreamReader } from './http-body';

const firstDelayMs = 1000;
/** The shortest delay between two attempts, even when the server requests a shorter one. */
const shortestDelayMs = 50;
const longestDelayMs = 30_000;
const resumeAttempts = 5;

/** Opens a stream of the events after an event id. Rejects when the server cannot be reached. */
export type OpenStream = (lastEventId: string | undefined) => Promise<IncomingMessage>;

/** Waits as long as the server requested, and longer after each failure in a row. Throws when the signal aborts. */
async function backOff(stream: EventStreamReader, failures: number, signal: AbortSignal): Promise<void> {
  const ms = Math.max(stream.retryMs ?? firstDelayMs, shortestDelayMs) * 2 ** Math.min(failures, 10);
  await delay(Math.min(ms, longestDelayMs), undefined, { signal, ref: false });
}

/**
 * Resumes a response whose connection ended early. Resolves with the new connection. Throws when the server refuses or does
 * not return, or the signal aborts.
 */
export async function resume(
  stream: EventStreamReader,
  open: OpenStream,
  signal: AbortSignal,
): Promise<IncomingMessage> {
  let cause: unknown;
  for (let failures = 0; failures < resumeAttempts; failures += 1) {
    await backOff(stream, failures, signal);
    try {
      const response = await open(stream.lastEventId);
      if (response.statusCode === 200 && isEventStream(response)) return response;
      response.resume();
      throw new Refused(
        `The event stream ended before the response, and could not be resumed (HTTP ${response.statusCode ?? 0}).`,
      );
    } catch (error) {
      if (error instanceof Refused) throw error;
      cause = error;
    }
  }
  throw new Error('The event stream ended before the response, and the server could not be reached again.', {
    cause,
  });
}

class Refused extends Error {}

export interface Listening {
  stream: EventStreamReader;
  open: OpenStream;
  signal: AbortSignal;
  /** Called when the server, which offered the stream before, refuses it now. */
  onRefused(response: IncomingMessage): void;
  onBreak(problem: string): void;
}

/** Keeps the stream for server messages open until the signal aborts. Ends when the server does not offer one. */
export async function listen(listening: Listening): Promise<void> {
  const { stream, open, signal } = listening;
  let offered = false;
  let failures = 0;
  while (!signal.aborted) {
    try {
      const response = await open(stream.lastEventId);
      if (response.statusCode !== 200 || !isEventStream(response)) {
        if (offered) listening.onRefused(response);
        else response.resume();
        return;
      }
      offered = true;
      failures = (await stream.read(response)) ? 0 : failures + 1;
    } catch (error) {
      if (!isAborted(signal)) listening.onBreak(error instanceof Error ? error.message : String(error));
      failures += 1;
    }
    await backOff(stream, failures, signal).catch(() => undefined);
  }
}

function isAborted(signal: AbortSignal): boolean {
  return signal.aborted;
}
