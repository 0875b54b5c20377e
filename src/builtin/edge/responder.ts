import { BriefMap } from '../../platform/brief-map';
import type { EventLog, EventSink, LoggedStream } from '../client/event-log';
import type { Exchange } from '../protocol/exchange';
import { eventBytes, keepAliveComment, keepAliveMs } from '../../mcp-wire/sse';
import { maximumLag, streamHeaders } from './event-stream';
import type { EdgeRequest, EdgeResponse } from './http';

/** Smaller bodies are sent in one write with the headers, as a latin1 string, which is cheaper. */
const oneWriteBytes = 16_384;

/** The open responses. They share one keep-alive timer. */
const open = new BriefMap<Responder, Responder>();
setInterval(() => {
  for (const responder of open.values()) responder.keepAlive();
}, keepAliveMs).unref();

export interface ResponderOptions {
  headers?: Readonly<Record<string, string>>;
  /** Stores streamed events, so that the client can resume a broken stream. */
  log?: EventLog | undefined;
  /** Whether to send a first event without a message, which clients support since 2025-11-25. */
  prime?: boolean;
}

/**
 * Answers one POST. The response is JSON when there is only the response message. It becomes an event stream when another
 * message is sent first, or the response takes long. All messages of a request go through one responder, in order.
 */
export class Responder implements Exchange {
  readonly #mayStream: boolean;
  #seen = false;
  #logged: LoggedStream | undefined;

  constructor(
    request: EdgeRequest,
    readonly response: EdgeResponse,
    readonly options: ResponderOptions = {},
  ) {
    const accept = request.headers.accept ?? '*/*';
    this.#mayStream = accept.includes('text/event-stream');
    open.add(this, this);
  }

  /**
   * Sends a message before the response. A client that does not accept event streams does not get it. Neither does a client
   * that reads too slowly and cannot resume the stream, because the response is more important.
   */
  send(message: Buffer): boolean {
    if (!this.#mayStream) return false;
    if (this.options.log) this.#log(this.options.log).send(message);
    else if (this.response.writableLength <= maximumLag) this.#stream(eventBytes(message));
    return true;
  }

  /** Sends the response and ends. */
  reply(message: Buffer, status = 200): void {
    open.delete(this);
    if (this.#logged) {
      this.#logged.send(message);
      this.#logged.end();
      return;
    }
    if (this.response.writableEnded || this.response.destroyed) return;
    if (this.response.headersSent) {
      this.response.end(eventBytes(message));
      return;
    }
    this.response.writeHead(status, {
      ...this.options.headers,
      'content-type': 'application/json',
      'content-length': message.length,
    });
    if (message.length < oneWriteBytes) this.response.end(message.toString('latin1'), 'latin1');
    else this.response.end(message);
  }

  /** Called every 15 s. From the second time on, it sends a keep-alive comment to a client that accepts event streams. */
  keepAlive(): void {
    if (this.response.destroyed && !this.#logged) open.delete(this);
    if (this.#mayStream && this.#seen) {
      if (this.options.log) this.#log(this.options.log);
      this.#stream(keepAliveComment);
    }
    this.#seen = true;
  }

  #log(log: EventLog): LoggedStream {
    if (this.#logged) return this.#logged;
    const stream = log.open();
    this.#logged = stream;
    const sink = responseSink(this.response);
    this.response.on('close', () => stream.detach(sink));
    if (!this.response.headersSent)
      this.response.writeHead(200, { ...this.options.headers, ...streamHeaders });
    stream.attach(sink);
    if (this.options.prime === true) stream.prime();
    return stream;
  }

  #stream(bytes: Buffer | string): void {
    if (this.response.writableEnded || this.response.destroyed) return;
    if (!this.response.headersSent)
      this.response.writeHead(200, { ...this.options.headers, ...streamHeaders });
    this.response.write(bytes);
  }
}

/** A reader that is too slow is cut off. It can resume the stream. */
export function responseSink(response: EdgeResponse): EventSink {
  return {
    write: (bytes) => {
      if (response.writableEnded || response.destroyed) return;
      if (response.writableLength > maximumLag) response.destroy();
      else response.write(bytes);
    },
    end: () => void response.end(),
  };
}
