import type { LegacySession } from '../client/session';
import type { Scope } from '../catalogue/scope';
import {
  EnvelopeError,
  errorBytes,
  scanMessage,
  type Message,
  type RequestMessage,
} from '../../mcp-wire/envelope';
import { elementsOf, wholeValue } from '../../mcp-wire/json';
import { skipSpace } from '../../mcp-wire/json-scan';
import { jsonArray, Params } from '../../mcp-wire/params';
import { RpcError } from '../../mcp-wire/rpc-error';
import type { Exchange } from './exchange';
import type { LegacyProtocol } from './legacy';

/** The only protocol version with batches. */
const revision = '2025-03-26';
const maximumMessages = 100;

/** Whether the bytes are a batch, from a client whose protocol version allows batches. */
export function isBatch(bytes: Buffer, session: LegacySession | undefined): boolean {
  return session?.protocolVersion === revision && bytes[skipSpace(bytes, 0)] === 0x5b;
}

/** Reads a batch. Throws {@link EnvelopeError} when it is not valid. */
export function messagesOf(bytes: Buffer): Message[] {
  const spans = elementsOf(bytes, wholeValue(bytes).start);
  if (spans.length === 0 || spans.length > maximumMessages)
    throw new EnvelopeError(`A batch must have 1 to ${maximumMessages} messages.`);
  return spans.map(({ start, end }) => scanMessage(bytes.subarray(start, end)));
}

/** Handles all messages of a batch. Resolves with the responses as one array, or `undefined` without any request. */
export async function answerBatch(
  legacy: LegacyProtocol,
  session: LegacySession,
  scope: Scope,
  messages: readonly Message[],
  exchange: Pick<Exchange, 'send'>,
): Promise<Buffer | undefined> {
  const answers: Buffer[] = [];
  const own: Exchange = {
    send: (message) => exchange.send(message),
    reply: (answer) => void answers.push(answer),
  };
  const work = messages.map(async (message) => {
    const params = new Params(message.bytes, 'params' in message ? message.params : undefined);
    if (message.kind === 'notification') legacy.notification(session, message, params);
    else if (message.kind !== 'request') legacy.response(session, message);
    else await answered(message, own, () => legacy.request(session, scope, message, params, own));
  });
  await Promise.all(work);
  return answers.length === 0 ? undefined : jsonArray(answers);
}

/** A request that cannot be handled gets an error response. */
async function answered(
  { id }: RequestMessage,
  exchange: Exchange,
  work: () => Promise<void>,
): Promise<void> {
  try {
    await work();
  } catch (error) {
    if (!(error instanceof RpcError)) throw error;
    exchange.reply(errorBytes(id, error.toBytes()));
  }
}

/** Whether the messages may be a batch: `initialize` must not be part of a batch. */
export function mayBatch(messages: readonly Message[]): boolean {
  return !messages.some((message) => message.kind === 'request' && message.method === 'initialize');
}
