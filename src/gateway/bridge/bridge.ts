import type { Readable, Writable } from 'node:stream';
import { setTimeout as delay } from 'node:timers/promises';
import {
  EnvelopeError,
  errorBytes,
  notificationBytes,
  scanMessage,
  type Message,
  type NotificationMessage,
  type RawId,
  type RequestMessage,
} from '../../mcp-wire/envelope';
import { LineSplitter } from '../../mcp-wire/lines';
import { codes } from '../../mcp-wire/rpc-error';
import { AppError, messageOf, nextTextOf } from '../../platform/errors';
import type { GatewayTarget } from '../resolve/target';
import type { BridgeConnection } from './connection';
import { Flight } from './flight';
import { Handshake } from './handshake';
import { bodyOf, exchange } from '../http';
import { Link, type Continuity } from './link';
import { messagesIn, paramsOf, withId } from './message';
import { relay, type RelayOutcome, type Response } from './relay';
import { OpenServerRequests } from './server-requests';
import { followStream } from './stream';
import { MessageWriter } from './writer';
import { sentence } from '../../platform/sentence';

export interface BridgeOptions {
  input: Readable;
  output: Writable;
  /** Finds the gateway; asked again whenever it was lost. */
  locate: () => Promise<GatewayTarget>;
  /** How long a request waits for a gateway that is not there, in milliseconds. */
  waitMs: number;
  /** Diagnostics, one line each; the output carries nothing but messages. */
  log: (line: string) => void;
  /** Ends the bridge at once. */
  signal: AbortSignal;
}

const maximumAttempts = 5;

/**
 * Relays JSON-RPC messages between stdio and the Streamable HTTP end point of a gateway, byte for byte, in both protocol
 * eras, until the input ends and every answer is out. It follows a gateway that restarts or moves.
 */
export async function runBridge(options: BridgeOptions): Promise<void> {
  await new Bridge(options).run();
}

class Bridge {
  readonly #stop = new AbortController();
  readonly #signal: AbortSignal;
  readonly #writer: MessageWriter;
  readonly #link: Link;
  readonly #flights = new Map<RawId, Flight>();
  readonly #pending = new Set<Promise<void>>();
  readonly #serverRequests = new OpenServerRequests();
  #follower = new AbortController();
  #inputEnded = false;

  constructor(readonly options: BridgeOptions) {
    this.#signal = AbortSignal.any([options.signal, this.#stop.signal]);
    this.#writer = new MessageWriter(options.output, this.#signal);
    this.#link = new Link({
      locate: options.locate,
      log: options.log,
      signal: this.#signal,
      onConnected: (connection, continuity) => this.#connected(connection, continuity),
    });
  }

  async run(): Promise<void> {
    const { input, output } = this.options;
    output.on('error', () => this.#stop.abort());
    output.on('close', () => this.#stop.abort());
    this.#signal.addEventListener('abort', () => input.destroy());
    this.#link.start();
    try {
      await this.#readInput(input);
      await this.#finish();
    } catch (error) {
      if (!this.#signal.aborted) throw error;
    } finally {
      this.#stop.abort();
      for (const flight of this.#flights.values()) flight.cancel();
      await this.#link.end();
    }
  }

  async #readInput(input: Readable): Promise<void> {
    const lines: Buffer[] = [];
    const splitter = new LineSplitter((line) => void lines.push(line));
    const take = async (chunk: Buffer): Promise<void> => {
      splitter.push(chunk);
      for (const line of lines.splice(0)) await this.#line(line);
    };
    for await (const chunk of input as AsyncIterable<unknown>) {
      if (Buffer.isBuffer(chunk)) await take(chunk);
      else if (typeof chunk === 'string') await take(Buffer.from(chunk));
    }
    await take(Buffer.from('\n'));
  }

  /** The client has said everything: let what is under way be answered, as far as it can be without the client. */
  async #finish(): Promise<void> {
    this.#inputEnded = true;
    for (const flight of this.#flights.values())
      if (flight.isSubscription || flight.cancelled) flight.cancel();
    for (const id of this.#serverRequests.takeAll()) await this.#refuseServerRequest(id);
    while (this.#pending.size > 0) await Promise.all(this.#pending);
  }

  async #line(line: Buffer): Promise<void> {
    if (line.every((byte) => byte === 0x20 || byte === 0x09 || byte === 0x0d)) return;
    try {
      for (const bytes of messagesIn(line)) await this.#fromClient(bytes);
    } catch (error) {
      if (this.#signal.aborted) throw error;
      await this.#writer.write(
        errorBytes(undefined, errorObject(codes.parse, `Parse error: ${messageOf(error)}`)),
      );
    }
  }

  async #fromClient(bytes: Buffer): Promise<void> {
    const message = await this.#scan(bytes);
    if (!message) return;
    if (message.kind === 'request') await this.#request(message);
    else if (message.kind === 'notification') await this.#notification(message);
    else if (message.id === undefined || this.#serverRequests.answered(message.id)) await this.#post(message);
  }

  async #scan(bytes: Buffer): Promise<Message | undefined> {
    try {
      return scanMessage(bytes);
    } catch (error) {
      if (!(error instanceof EnvelopeError)) throw error;
      await this.#writer.write(
        errorBytes(error.id, errorObject(codes.invalidRequest, `Invalid request: ${error.message}`)),
      );
      return undefined;
    }
  }

  /** Resolves when the next message may follow: after the answer to `initialize`, else once the request is sent. */
  async #request(message: RequestMessage): Promise<void> {
    const flight = new Flight(message);
    this.#flights.set(flight.id, flight);
    let onFlushed: () => void = () => undefined;
    const flushed = new Promise<void>((resolve) => (onFlushed = resolve));
    if (!this.#link.current) onFlushed();
    const done = this.#fly(flight, onFlushed)
      .catch((error: unknown) => {
        if (!this.#signal.aborted) this.options.log(sentence(`A request failed: ${messageOf(error)}`));
      })
      .finally(() => {
        onFlushed();
        if (this.#flights.get(flight.id) === flight) this.#flights.delete(flight.id);
        this.#pending.delete(done);
      });
    this.#pending.add(done);
    await (flight.opensSession ? done : flushed);
  }

  /** Has a request answered, over as many connections as it takes. */
  async #fly(flight: Flight, onFlushed: () => void): Promise<void> {
    for (let attempt = 1; ; attempt += 1) {
      let connection: BridgeConnection;
      try {
        const wait = flight.isSubscription && attempt > 1 ? Number.POSITIVE_INFINITY : this.options.waitMs;
        connection = await this.#link.ready(wait, AbortSignal.any([flight.controller.signal, this.#signal]));
      } catch (error) {
        if (!flight.cancelled) await this.#fail(flight, error);
        return;
      }
      if (attempt > 2) await delay(Math.min(100 * 2 ** attempt, 2_000), undefined, { signal: this.#signal });
      const resumed = flight.acknowledged;
      const outcome = await relay(flight, connection, {
        onFlushed,
        forward: (message) => this.#fromServer(message, flight, resumed),
      });
      if (await this.#settle(flight, connection, outcome, attempt)) return;
    }
  }

  /** Whether the request is done with. */
  async #settle(
    flight: Flight,
    connection: BridgeConnection,
    outcome: RelayOutcome,
    attempt: number,
  ): Promise<boolean> {
    if (outcome.kind === 'cancelled') return true;
    if (outcome.kind === 'answered') {
      this.#adopt(flight, connection, outcome);
      if (!flight.modern || !flight.cancelled)
        await this.#writer.write(withId(outcome.response.bytes, flight.id));
      return true;
    }
    if (outcome.kind === 'failed') {
      await this.#fail(flight, outcome.error);
      return true;
    }
    this.#link.lost(connection, outcome.error);
    if (flight.cancelled) return true;
    if (outcome.kind === 'interrupted' && !flight.repeatable) {
      await this.#fail(flight, interrupted(flight.method, outcome.error));
      return true;
    }
    if (attempt < maximumAttempts || flight.isSubscription) return false;
    await this.#fail(
      flight,
      new AppError(
        'unreachable',
        sentence(`The gateway refused "${flight.method}" ${attempt} times: ${outcome.error.message}`),
      ),
    );
    return true;
  }

  /** Remembers what shapes the session, before the client learns that it is there. */
  #adopt(
    flight: Flight,
    connection: BridgeConnection,
    answer: { reply: Parameters<Handshake['accept']>[0]; response: Response },
  ): void {
    const { handshake } = this.#link;
    if (flight.opensSession) {
      const opened = new Handshake(flight.bytes);
      const session = opened.accept(answer.reply, answer.response);
      if (!session) return;
      connection.session = session;
      this.#link.handshake = opened;
    } else if (handshake && answer.response.kind === 'result') {
      const uri = flight.params.text('uri') ?? '';
      if (flight.method === 'logging/setLevel') handshake.shaping.set('level', flight.bytes);
      if (flight.method === 'resources/subscribe') handshake.shaping.set(`subscribe ${uri}`, flight.bytes);
      if (flight.method === 'resources/unsubscribe') handshake.shaping.delete(`subscribe ${uri}`);
    }
  }

  async #notification(message: NotificationMessage): Promise<void> {
    if (message.method === 'notifications/cancelled') {
      const member = paramsOf(message).member('requestId');
      const flight = member && this.#flights.get(message.bytes.toString('utf8', member.start, member.end));
      if (flight?.modern || (flight && !this.#link.current)) {
        flight.cancel();
        return;
      }
      if (flight) flight.cancelled = true;
    }
    if (message.method === 'notifications/initialized' && this.#link.handshake) {
      this.#link.handshake.initialized = message.bytes;
      const connection = this.#link.current;
      await this.#post(message, true);
      if (connection && connection === this.#link.current) this.#follow(connection, false);
      return;
    }
    await this.#post(message);
  }

  /** Sends a message that has no answer. One that cannot be delivered belongs to a session that is gone. */
  async #post(message: Message, wait = false): Promise<void> {
    const connection = this.#link.current;
    if (!connection) return;
    const request = exchange({
      url: connection.url,
      method: 'POST',
      headers: connection.postHeaders(true),
      body: message.bytes,
      signal: this.#signal,
    });
    const done = request.reply
      .then(
        async (reply) => {
          await bodyOf(reply, 64 * 1024);
          if (reply.statusCode === 404)
            this.#link.lost(connection, new Error('it no longer knows the session'));
        },
        (error: unknown) => {
          if (!this.#signal.aborted) this.#link.lost(connection, error);
        },
      )
      .catch((error: unknown) =>
        this.options.log(sentence(`A message was not delivered: ${messageOf(error)}`)),
      );
    await (wait ? done : request.flushed);
  }

  /** Relays what the gateway says on its own account. `resumed`: the client believes that the subscription never broke. */
  async #fromServer(message: Message, flight?: Flight, resumed = false): Promise<void> {
    if (
      flight?.isSubscription &&
      message.kind === 'notification' &&
      message.method === 'notifications/subscriptions/acknowledged'
    ) {
      flight.acknowledged = true;
      if (resumed) {
        for (const change of flight.missedChanges()) await this.#writer.write(change);
        return;
      }
    }
    if (message.kind === 'request') {
      if (this.#inputEnded) {
        await this.#refuseServerRequest(message.id);
        return;
      }
      this.#serverRequests.asked(message.id);
    }
    await this.#writer.write(message.bytes);
  }

  async #refuseServerRequest(id: RawId): Promise<void> {
    await this.#post(
      scanMessage(errorBytes(id, errorObject(codes.connection, 'The client has closed its input.'))),
    );
  }

  #connected(connection: BridgeConnection, continuity: Continuity): void {
    if (continuity === 'new') return;
    if (continuity === 'replaced') {
      void this.#announceNewSession().catch((error: unknown) => {
        if (!this.#signal.aborted) this.options.log(messageOf(error));
      });
    }
    if (this.#link.handshake?.initialized) this.#follow(connection, continuity === 'kept');
  }

  /** Tells the client what a new session means: its lists may differ, and nobody waits for its answers of before. */
  async #announceNewSession(): Promise<void> {
    for (const id of this.#serverRequests.abandonAll()) {
      const params = Buffer.from(`{"requestId":${id},"reason":"The gateway was restarted."}`);
      await this.#writer.write(notificationBytes('notifications/cancelled', params));
    }
    const { handshake } = this.#link;
    if (!handshake?.initialized) return;
    for (const kind of ['tools', 'resources', 'prompts']) {
      if (!handshake.capabilities.includes(kind)) continue;
      await this.#writer.write(notificationBytes(`notifications/${kind}/list_changed`));
    }
  }

  #follow(connection: BridgeConnection, trusted: boolean): void {
    this.#follower.abort();
    this.#follower = new AbortController();
    const stream = followStream({
      connection,
      trusted,
      signal: AbortSignal.any([this.#signal, this.#follower.signal]),
      forward: (message) => this.#fromServer(message),
      onLost: (error) => this.#link.lost(connection, error),
    });
    void stream.catch((error: unknown) => {
      if (!this.#signal.aborted)
        this.options.log(sentence(`The gateway's own stream failed: ${messageOf(error)}`));
    });
  }

  async #fail(flight: Flight, error: unknown): Promise<void> {
    if (this.#signal.aborted) return;
    const step = nextTextOf(error);
    const next = step === undefined ? '' : ` Next: ${step}`;
    const code = error instanceof AppError ? error.code : 'internal';
    await this.#writer.write(
      errorBytes(flight.id, errorObject(codes.connection, `${sentence(messageOf(error))}${next}`, { code })),
    );
  }
}

function interrupted(method: string, cause: Error): AppError {
  return new AppError(
    'unreachable',
    `The connection to the gateway broke while "${method}" was running (${cause.message}). The request may have been carried out, so it was not sent again.`,
    { next: 'Check what the request did, then send it again.', cause },
  );
}

function errorObject(code: number, message: string, data?: object): Buffer {
  return Buffer.from(JSON.stringify({ code, message, ...(data ? { data } : {}) }));
}
