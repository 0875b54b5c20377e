import * as v from 'valibot';
import type { Message } from '../../mcp-wire/envelope';
import { AppError } from '../../platform/errors';
import type { BridgeConnection } from './connection';
import { roundTrip, type BridgeSession } from './connection';
import type { IncomingMessage } from 'node:http';
import { step } from '../../platform/next-step';

const InitializeResult = v.object({
  protocolVersion: v.string(),
  capabilities: v.optional(v.record(v.string(), v.unknown()), {}),
});

/** What a legacy client did to get its session, as bytes, so that it can be done again on its behalf. */
export class Handshake {
  /** Set as soon as the client has sent it. */
  initialized: Buffer | undefined;
  /** Requests that shaped the session: the log level, and each resource subscribed to. */
  readonly shaping = new Map<string, Buffer>();
  capabilities: readonly string[] = [];

  constructor(readonly initialize: Buffer) {}

  /** Takes over the session that the answer to `initialize` opened; `undefined` when it is not such an answer. */
  accept(reply: IncomingMessage, response: Message): BridgeSession | undefined {
    if (response.kind !== 'result') return undefined;
    const text = response.bytes.toString('utf8', response.result.start, response.result.end);
    const result = v.safeParse(InitializeResult, JSON.parse(text));
    if (!result.success) return undefined;
    this.capabilities = Object.keys(result.output.capabilities);
    const id = reply.headers['mcp-session-id'];
    return { id: typeof id === 'string' ? id : undefined, version: result.output.protocolVersion };
  }

  /** Opens a new session with the client's own bytes. Nothing of it reaches the client. */
  async replay(connection: BridgeConnection, signal: AbortSignal): Promise<void> {
    const { reply, response } = await roundTrip(connection, this.initialize, signal);
    const session = response && this.accept(reply, response);
    if (!session) {
      throw new AppError(
        'protocol',
        `The gateway at ${connection.url.href} does not open a session (HTTP status ${reply.statusCode ?? 0}).`,
        { next: step("Look at the gateway's log.", 'logs', 'gateway') },
      );
    }
    connection.session = session;
    if (this.initialized) await roundTrip(connection, this.initialized, signal);
    for (const bytes of this.shaping.values()) await roundTrip(connection, bytes, signal);
  }
}

/** Whether the gateway still knows the session of a connection. */
export async function isAlive(connection: BridgeConnection, signal: AbortSignal): Promise<boolean> {
  if (!connection.session) return false;
  const ping = Buffer.from('{"jsonrpc":"2.0","id":"devcontainer-gateway:ping","method":"ping"}');
  try {
    const { reply, response } = await roundTrip(connection, ping, signal);
    return reply.statusCode === 200 && response?.kind === 'result';
  } catch {
    return false;
  }
}
