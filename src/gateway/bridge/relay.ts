import type { IncomingMessage } from 'node:http';
import type { ErrorMessage, Message, ResultMessage } from '../../mcp-wire/envelope';
import { codes } from '../../mcp-wire/rpc-error';
import { AppError, messageOf } from '../../platform/errors';
import { problemIn } from '../resolve/probe';
import type { BridgeConnection } from './connection';
import { eventsOf, StreamPosition } from './events';
import type { Flight } from './flight';
import { bodyOf, DeliveryError, exchange, mediaTypeOf } from '../http';
import { errorCodeOf, tryScan } from './message';
import { sentence } from '../../platform/sentence';

export type Response = ResultMessage | ErrorMessage;

/** How one attempt to have a request answered ended. */
export type RelayOutcome =
  | { kind: 'answered'; reply: IncomingMessage; response: Response }
  /** The client took the request back. */
  | { kind: 'cancelled' }
  /** The gateway did not carry the request out: it may be sent again. */
  | { kind: 'refused'; error: Error }
  /** Nobody knows whether it was carried out. */
  | { kind: 'interrupted'; error: Error }
  /** The gateway's answer is final and is no JSON-RPC response. */
  | { kind: 'failed'; error: AppError };

export interface RelayOptions {
  /** Takes what the gateway sends ahead of the response. */
  forward: (message: Message) => Promise<void>;
  /** Called once the request is on its way, or cannot be. */
  onFlushed: () => void;
}

/** How often a broken stream is taken up again where it stopped. */
const maximumResumptions = 20;

/** Sends a request over one connection and relays what comes before its response. */
export async function relay(
  flight: Flight,
  connection: BridgeConnection,
  options: RelayOptions,
): Promise<RelayOutcome> {
  const { signal } = flight.controller;
  const request = exchange({
    url: connection.url,
    method: 'POST',
    headers: { ...connection.postHeaders(belongsToSession(flight)), ...flight.modern },
    body: flight.bytes,
    signal,
    fresh: !flight.repeatable,
  });
  void request.flushed.then(options.onFlushed);
  try {
    const reply = await request.reply;
    if (reply.statusCode !== 200) return await refusalOf(reply, flight, connection);
    const outcome = await read(reply, flight, connection, options);
    if (outcome.kind === 'interrupted' && flight.cancelled) return { kind: 'cancelled' };
    return outcome;
  } catch (error) {
    if (flight.cancelled || signal.aborted) return { kind: 'cancelled' };
    const refused = error instanceof DeliveryError && error.delivered === 'no';
    return { kind: refused ? 'refused' : 'interrupted', error: asError(error) };
  }
}

async function read(
  reply: IncomingMessage,
  flight: Flight,
  connection: BridgeConnection,
  options: RelayOptions,
): Promise<RelayOutcome> {
  const type = mediaTypeOf(reply);
  if (type === 'text/event-stream') return await readStream(reply, flight, connection, options);
  const response = type === 'application/json' ? responseIn(await bodyOf(reply)) : undefined;
  if (response) return { kind: 'answered', reply, response };
  reply.resume();
  return { kind: 'failed', error: noMcp(connection, `its answer is "${type}", not a JSON-RPC response`) };
}

async function readStream(
  first: IncomingMessage,
  flight: Flight,
  connection: BridgeConnection,
  options: RelayOptions,
): Promise<RelayOutcome> {
  const position = new StreamPosition();
  let reply = first;
  for (let attempt = 0; ; attempt += 1) {
    let problem: unknown = new Error('the stream ended before the response');
    try {
      const response = await nextResponse(reply, position, options);
      if (response) {
        release(reply);
        return { kind: 'answered', reply: first, response };
      }
    } catch (error) {
      problem = error;
    }
    const resumable = !flight.modern && position.lastEventId !== undefined && attempt < maximumResumptions;
    const next = resumable ? await resume(connection, position, flight.controller.signal) : undefined;
    if (!next) return { kind: 'interrupted', error: asError(problem) };
    reply = next;
  }
}

async function nextResponse(
  reply: IncomingMessage,
  position: StreamPosition,
  options: RelayOptions,
): Promise<Response | undefined> {
  for await (const data of eventsOf(reply, position)) {
    const message = tryScan(data);
    if (!message) continue;
    if (message.kind === 'result' || message.kind === 'error') return message;
    await options.forward(message);
  }
  return undefined;
}

/** Asks for the rest of a stream that broke; `undefined` when the gateway has it no more. */
async function resume(
  connection: BridgeConnection,
  position: StreamPosition,
  signal: AbortSignal,
): Promise<IncomingMessage | undefined> {
  if (!connection.session) return undefined;
  await new Promise((resolve) => setTimeout(resolve, Math.min(position.retryMs ?? 100, 30_000)));
  try {
    const headers = connection.streamHeaders(position.lastEventId);
    const reply = await exchange({ url: connection.url, method: 'GET', headers, signal }).reply;
    if (reply.statusCode === 200 && mediaTypeOf(reply) === 'text/event-stream') return reply;
    reply.resume();
    return undefined;
  } catch {
    return undefined;
  }
}

/** Nothing of interest follows a response; a stream that stays open all the same is closed. */
function release(reply: IncomingMessage): void {
  reply.on('error', () => undefined).resume();
  const timer = setTimeout(() => reply.destroy(), 1_000);
  timer.unref();
  reply.once('close', () => clearTimeout(timer));
}

function belongsToSession(flight: Flight): boolean {
  return flight.modern === undefined && !flight.opensSession;
}

/** What an HTTP status other than 200 means for the request. */
async function refusalOf(
  reply: IncomingMessage,
  flight: Flight,
  connection: BridgeConnection,
): Promise<RelayOutcome> {
  const status = reply.statusCode ?? 0;
  const body = await bodyOf(reply, 1024 * 1024);
  const response = responseIn(body);
  const text = body.toString('utf8');
  const problem = problemIn(text);
  const code = response && errorCodeOf(response);
  const hadSession = belongsToSession(flight) && connection.session?.id !== undefined;
  const unknownSession =
    (status === 404 && code !== codes.methodNotFound) ||
    // Some servers say 400 where the specification wants 404.
    (status === 400 && code !== codes.headerMismatch && /session/i.test(text));
  if (hadSession && unknownSession)
    return { kind: 'refused', error: new Error('it no longer knows the session') };
  if (status === 401) return { kind: 'refused', error: new Error('it no longer accepts the token') };
  if (status === 429 || status === 503)
    return { kind: 'refused', error: new Error(`it is busy (HTTP status ${status})`) };
  if (status === 502 || status === 504)
    return { kind: 'interrupted', error: new Error(`HTTP status ${status}`) };
  if (response) return { kind: 'answered', reply, response };
  if (status === 403)
    return {
      kind: 'failed',
      error: new AppError(
        'refused',
        sentence(
          `The gateway at ${connection.url.href} refuses the request: ${problem?.message ?? 'HTTP status 403'}`,
        ),
        {
          next: problem?.step ?? 'Use a host name that the gateway allows.',
        },
      ),
    };
  return {
    kind: 'failed',
    error: noMcp(connection, problem?.message ?? `it answers with HTTP status ${status}`),
  };
}

function responseIn(body: Buffer): Response | undefined {
  const message = tryScan(body);
  return message?.kind === 'result' || message?.kind === 'error' ? message : undefined;
}

function noMcp(connection: BridgeConnection, problem: string): AppError {
  return new AppError(
    'protocol',
    sentence(`${connection.url.href} does not behave like an MCP endpoint: ${problem}`),
    {
      next: 'Check the address (--url). The URL of a gateway ends in /mcp.',
    },
  );
}

function asError(error: unknown): Error {
  return error instanceof Error ? error : new Error(messageOf(error));
}
