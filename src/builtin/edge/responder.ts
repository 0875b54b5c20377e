import { BriefMap } from '../../platform/brief-map';
import type { EventLog, EventSink, LoggedStream } from '../client/event-log';
import type { Exchange } from '../protocol/exchange';
import { eventBytes, keepAliveComment, keepAliveMs } from '../../mcp-wire/sse';
import { maximumLag, streamHeaders } from './event-stream';
import type { EdgeRequest, EdgeResponse } from './http';

/** Below this a body is cheaper to send in one write with its head, as a string whose code units are the bytes. */
const oneWriteBytes = 16_384;

/** Answers under way; one timer serves them all. */
const open = new BriefMap<Responder, Responder>();
setInterval(() => {
  for (const responder of open.values()) responder.keepAlive();
}, keepAliveMs).unref();

export interface ResponderOptions {
  headers?: Readonly<Record<string, string>>;
  /** Keeps what is streamed, so that the client can take a broken stream up again. */
  log?: EventLog | undefined;
  /** Whether the client knows what an event without a message is for (from 2025-11-25 on). */
  prime?: boolean;
}

/**
 * Answers one POST: as JSON when the answer is all there is to say, as an event stream as soon as something comes
 * before it or the answer takes long. One writer per request keeps the order.
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
   * Sends a message ahead of the answer. A client that takes no event stream does not get it, nor one that reads too
   * slowly and cannot take the stream up again: the answer matters more.
   */
  send(message: Buffer): boolean {
    if (!this.#mayStream) return false;
    if (this.options.log) this.#log(this.options.log).send(message);
    else if (this.response.writableLength <= maximumLag) this.#stream(eventBytes(message));
    return true;
  }

  /** Sends the answer and ends. */
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

  /** Called every 15 s: from the second time on tells a client that takes event streams that the answer is coming. */
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

/** A reader that falls too far behind is cut off; it can take the stream up again. */
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
