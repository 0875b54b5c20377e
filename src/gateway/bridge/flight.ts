import { notificationBytes, type RawId, type RequestMessage } from '../../mcp-wire/envelope';
import { isRepeatable, modernHeaders, paramsOf } from './message';
import type { Params } from '../../mcp-wire/params';

/** A request of the client that waits for its answer. */
export class Flight {
  readonly id: RawId;
  readonly method: string;
  readonly bytes: Buffer;
  readonly params: Params;
  /** The headers of the modern era; `undefined` for a request of the legacy era. */
  readonly modern: Record<string, string> | undefined;
  readonly repeatable: boolean;
  /** Aborted to close the exchange: how the modern era cancels. */
  readonly controller = new AbortController();
  /** The client does not want the answer any more. */
  cancelled = false;
  /** The first acknowledgement of a subscription has reached the client. */
  acknowledged = false;

  constructor(message: RequestMessage) {
    this.id = message.id;
    this.method = message.method;
    this.bytes = message.bytes;
    this.params = paramsOf(message);
    this.modern = modernHeaders(message.method, this.params);
    this.repeatable = isRepeatable(message.method);
  }

  /** A legacy request that opens a session, and is not part of one. */
  get opensSession(): boolean {
    return this.modern === undefined && this.method === 'initialize';
  }

  /** A stream of changes that stays open until the client cancels it (2026-07-28). */
  get isSubscription(): boolean {
    return this.modern !== undefined && this.method === 'subscriptions/listen';
  }

  cancel(): void {
    this.cancelled = true;
    this.controller.abort();
  }

  /** The changes that a subscription may have missed while there was no gateway, as the client would have got them. */
  missedChanges(): Buffer[] {
    const filter = this.params.member('notifications');
    if (!filter) return [];
    const wanted: unknown = JSON.parse(this.params.bytes.toString('utf8', filter.start, filter.end));
    const meta = Buffer.from(`{"_meta":{"io.modelcontextprotocol/subscriptionId":${this.id}}}`);
    return ['tools', 'prompts', 'resources']
      .filter((kind) => isTrue(wanted, `${kind}ListChanged`))
      .map((kind) => notificationBytes(`notifications/${kind}/list_changed`, meta));
  }
}

function isTrue(value: unknown, key: string): boolean {
  return (
    typeof value === 'object' &&
    value !== null &&
    Object.entries(value).some(([k, v]) => k === key && v === true)
  );
}
