import { messageOf } from '../../platform/errors';
import { sentence } from '../../platform/sentence';
import type { LegacySession } from '../client/session';
import type { Scope } from '../catalogue/scope';
import {
  errorBytes,
  EnvelopeError,
  resultBytes,
  scanMessage,
  type Message,
  type NotificationMessage,
  type RawId,
  type RequestMessage,
} from '../../mcp-wire/envelope';
import { JsonSyntaxError } from '../../mcp-wire/json-scan';
import { Params } from '../../mcp-wire/params';
import { codes, RpcError } from '../../mcp-wire/rpc-error';
import type { Exchange } from './exchange';
import type { LegacyProtocol } from './legacy';
import { modernVersions, type ModernProtocol } from './modern';
import { checkModernRequest } from './modern-check';

export interface ConversationParts {
  legacy: LegacyProtocol;
  modern: ModernProtocol;
  scope(): Scope;
  /** Sends one message to the client. */
  send(message: Buffer): void;
  report(problem: string): void;
}

/**
 * One client on a bidirectional transport: standard input and output, or the old HTTP+SSE transport. The client may use
 * either era. A session of the legacy era ends with the transport.
 */
export class Conversation {
  #session: LegacySession | undefined;
  /** The pending requests of the modern era. */
  readonly #running = new Map<RawId, AbortController>();
  readonly #exchange: Exchange;

  constructor(readonly parts: ConversationParts) {
    this.#exchange = {
      send: (message) => {
        parts.send(message);
        return true;
      },
      reply: (message) => parts.send(message),
    };
  }

  /** Handles one message of the client. Never rejects: the client gets an error response. */
  async receive(bytes: Buffer): Promise<void> {
    const message = this.#read(bytes);
    if (!message) return;
    await this.#handle(message).catch((error: unknown) => {
      if (error instanceof RpcError && message.kind === 'request') this.#refuse(message.id, error);
      else this.parts.report(messageOf(error));
    });
  }

  close(): void {
    for (const aborter of this.#running.values()) aborter.abort();
    if (this.#session) this.parts.legacy.sessions.end(this.#session);
  }

  #read(bytes: Buffer): Message | undefined {
    try {
      return scanMessage(bytes);
    } catch (error) {
      if (error instanceof JsonSyntaxError)
        this.#refuse(undefined, new RpcError(codes.parse, sentence(`Parse error: ${error.message}`)));
      else if (error instanceof EnvelopeError)
        this.#refuse(error.id, new RpcError(codes.invalidRequest, `Invalid request: ${error.message}`));
      else throw error;
      return undefined;
    }
  }

  async #handle(message: Message): Promise<void> {
    const params = new Params(message.bytes, 'params' in message ? message.params : undefined);
    if (message.kind === 'request') await this.#request(message, params);
    else if (message.kind === 'notification') this.#notification(message, params);
    else if (this.#session) this.parts.legacy.response(this.#session, message);
  }

  async #request(message: RequestMessage, params: Params): Promise<void> {
    if (params.protocolVersion !== undefined) {
      await this.#modern(message, params);
      return;
    }
    const { legacy } = this.parts;
    if (message.method === 'initialize') {
      if (this.#session) legacy.sessions.end(this.#session);
      const { session, result } = legacy.open(params, this.parts.scope());
      session.useTransport((note) => this.parts.send(note));
      this.#session = session;
      this.parts.send(resultBytes(message.id, result));
      return;
    }
    if (!this.#session)
      throw new RpcError(codes.invalidRequest, 'There is no session. Send "initialize" first.');
    const { running } = this.#session;
    const exchange: Exchange = {
      send: (note) => this.#exchange.send(note),
      reply: (answer) => {
        // A cancelled request gets no response.
        if (running.get(message.id)?.aborted !== true) this.parts.send(answer);
      },
    };
    await legacy.request(this.#session, this.parts.scope(), message, params, exchange);
  }

  async #modern(message: RequestMessage, params: Params): Promise<void> {
    if (this.#running.has(message.id))
      throw new RpcError(codes.invalidRequest, `The id ${message.id} is already used by a pending request.`);
    const aborter = new AbortController();
    this.#running.set(message.id, aborter);
    const exchange: Exchange = {
      send: (note) => this.#exchange.send(note),
      reply: (answer) => {
        this.#running.delete(message.id);
        // A cancelled request gets no response.
        if (!aborter.signal.aborted) this.parts.send(answer);
      },
    };
    await this.parts.modern.respond(
      {
        message,
        params,
        scope: this.parts.scope(),
        exchange,
        closed: aborter.signal,
        traceparent: undefined,
      },
      () => checkModernRequest(undefined, message, params, modernVersions),
    );
  }

  #notification(message: NotificationMessage, params: Params): void {
    if (message.method === 'notifications/cancelled' && this.#cancel(params)) return;
    if (this.#session) this.parts.legacy.notification(this.#session, message, params);
  }

  /** Returns whether the cancelled request belongs to the modern era. */
  #cancel(params: Params): boolean {
    const member = params.member('requestId');
    const id = member && params.bytes.toString('utf8', member.start, member.end);
    const running = id === undefined ? undefined : this.#running.get(id);
    if (id === undefined || !running) return false;
    this.#running.delete(id);
    running.abort();
    return true;
  }

  #refuse(id: RawId | undefined, error: RpcError): void {
    this.parts.send(errorBytes(id, error.toBytes()));
  }
}
