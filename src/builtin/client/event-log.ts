import { eventBytes } from '../../mcp-wire/sse';
import type { EventBudget, EventHolder } from './event-budget';

/** Receives the events of a stream while a client reads it. */
export interface EventSink {
  write(bytes: Buffer): void;
  end(): void;
}

interface LoggedEvent {
  stream: LoggedStream;
  sequence: number;
  bytes: Buffer;
}

/** What an event takes besides its bytes. */
const overheadBytes = 256;

const maximumEvents = 1000;
const maximumBytes = 8 * 1024 * 1024;

/**
 * Stores the events of the streams of one session, so that a client can resume a broken stream with `Last-Event-ID`. With
 * more than 1,000 events or 8 MiB, or when the budget of all sessions is full, the oldest events are removed. See
 * https://modelcontextprotocol.io/specification/2025-11-25/basic/transports#resumability-and-redelivery
 */
export class EventLog implements EventHolder {
  readonly #streams = new Map<number, LoggedStream>();
  readonly #events: LoggedEvent[] = [];
  #bytes = 0;
  #next = 0;

  constructor(readonly budget: EventBudget) {}

  get bytes(): number {
    return this.#bytes;
  }

  open(): LoggedStream {
    const stream = new LoggedStream(this.#next++, (event) => this.#keep(event));
    this.#streams.set(stream.number, stream);
    return stream;
  }

  /** The stream of an event id, and the number of the last event that the client has received. */
  find(eventId: string): { stream: LoggedStream; after: number } | undefined {
    const [, stream, after] = /^(\d{1,9})_(\d{1,9})$/.exec(eventId) ?? [];
    const known = stream === undefined ? undefined : this.#streams.get(Number(stream));
    return known && { stream: known, after: Number(after) };
  }

  close(): void {
    for (const stream of this.#streams.values()) stream.end();
    this.#streams.clear();
    this.#events.length = 0;
    this.#count(-this.#bytes);
  }

  dropOldest(): void {
    const oldest = this.#events.shift();
    if (!oldest) return;
    if (oldest.stream.drop(oldest.sequence)) this.#streams.delete(oldest.stream.number);
    this.#count(-costOf(oldest));
  }

  #keep(event: LoggedEvent): void {
    this.#events.push(event);
    this.#count(costOf(event));
    while (this.#events.length > maximumEvents || (this.#bytes > maximumBytes && this.#events.length > 1))
      this.dropOldest();
  }

  #count(bytes: number): void {
    this.#bytes += bytes;
    this.budget.changed(this, bytes);
  }
}

function costOf({ bytes }: LoggedEvent): number {
  return bytes.length + overheadBytes;
}

/** One event stream. It can continue over several connections. */
export class LoggedStream {
  #events: LoggedEvent[] = [];
  #sink: EventSink | undefined;
  #sequence = 0;
  /** The number of the last event that was written to a sink. */
  #sent = 0;
  #ended = false;

  constructor(
    readonly number: number,
    readonly keep: (event: LoggedEvent) => void,
  ) {}

  get attached(): boolean {
    return this.#sink !== undefined;
  }

  /** Sends a message to the reader of the stream, now or when it comes back. */
  send(message: Buffer): void {
    this.#append(eventBytes(message));
  }

  /** Sends an event without a message, so that the client has an event id to resume from. */
  prime(): void {
    this.#append(Buffer.from('data: \n\n'));
  }

  /** Connects a reader. Events after the number `after` are sent first; the default is all events that were not sent yet. */
  attach(sink: EventSink, after = this.#sent): void {
    this.#sink?.end();
    this.#sink = sink;
    for (const event of this.#events) if (event.sequence > after) this.#write(event);
    if (this.#ended) this.#finish();
  }

  detach(sink: EventSink): void {
    if (this.#sink === sink) this.#sink = undefined;
  }

  /** Ends the stream. The connection of the reader is closed, now or when it comes back. */
  end(): void {
    this.#ended = true;
    this.#finish();
  }

  /** Removes an event. Returns whether the stream is not needed any more. */
  drop(sequence: number): boolean {
    if (this.#events[0]?.sequence === sequence) this.#events.shift();
    return this.#ended && this.#events.length === 0;
  }

  #append(event: Buffer): void {
    if (this.#ended) return;
    this.#sequence += 1;
    const bytes = Buffer.concat([Buffer.from(`id: ${this.number}_${this.#sequence}\n`), event]);
    const logged = { stream: this, sequence: this.#sequence, bytes };
    this.#events.push(logged);
    this.#write(logged);
    this.keep(logged);
  }

  #write(event: LoggedEvent): void {
    if (!this.#sink) return;
    this.#sent = Math.max(this.#sent, event.sequence);
    this.#sink.write(event.bytes);
  }

  #finish(): void {
    this.#sink?.end();
    this.#sink = undefined;
  }
}
