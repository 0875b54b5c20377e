import { messageOf } from '../../../platform/errors';
import { sentence } from '../../../platform/sentence';
import type { RpcResponse } from '../../../mcp-wire/rpc-response';
import {
  errorBytes,
  notificationBytes,
  requestBytes,
  resultBytes,
  scanMessage,
  slice,
  type ErrorMessage,
  type Message,
  type NotificationMessage,
  type RawId,
  type RequestMessage,
  type ResultMessage,
} from '../../../mcp-wire/envelope';
import { isObject, memberNamed, membersOf, type Span } from '../../../mcp-wire/json';
import { Params } from '../../../mcp-wire/params';
import { codes, RpcError } from '../../../mcp-wire/rpc-error';
import type { CallLink, ServerRequest } from '../../client/call-link';
import type { Transport, SendContext } from '../transports/transport';
import { PendingRequest, PendingRequests } from './pending-requests';
import type { ParamsFor, PeerRequestOptions } from './request';
import { RequestContext } from './request-context';

/** Messages of a server that are not responses. `requestId` is our request that they belong to, if the transport knows. */
export interface PeerEvents {
  notification(method: string, params: Buffer | undefined, requestId: number | undefined): void;
  request(request: ServerRequest, requestId: number | undefined): Promise<RpcResponse>;
  unreadable(problem: string): void;
}

/**
 * Matches requests and responses on one transport. The ids are assigned here, so ids of different clients cannot clash.
 * Messages are handled in the order in which they arrive: notifications before a response are delivered before it.
 */
export class Peer {
  readonly #pending = new PendingRequests((pending) => this.#onTimeout(pending));
  /** The requests of the server that are not answered yet. */
  readonly #serverRequests = new Map<RawId, AbortController>();
  #next = 1;
  #closed: string | undefined;

  constructor(
    readonly name: string,
    readonly transport: Transport,
    readonly events: PeerEvents,
  ) {}

  /** Why it accepts no more requests. `undefined` while it is open. */
  get closed(): string | undefined {
    return this.#closed;
  }

  /** The client that waits for the response to a request; without an id, all waiting clients. */
  callers(requestId: number | undefined): CallLink[] {
    if (requestId !== undefined) {
      const caller = this.#pending.get(requestId)?.options.caller;
      return caller ? [caller] : [];
    }
    return this.#pending.all().flatMap(({ options }) => options.caller ?? []);
  }

  request(method: string, params: ParamsFor, options: PeerRequestOptions): Promise<RpcResponse> {
    return new Promise<RpcResponse>((resolve, reject) => {
      if (this.#closed !== undefined) throw this.#problem(this.#closed);
      if (options.signal?.aborted === true)
        throw new RpcError(codes.internal, 'The client cancelled the request.');
      const context = new RequestContext(this.#next++, method, options.name);
      const bytes = requestBytes(context.id, method, params(context.id));
      const pending = new PendingRequest(context, options, resolve, reject);
      pending.onAbort = () =>
        this.#giveUp(pending, new RpcError(codes.internal, 'The client cancelled the request.'));
      this.#pending.add(pending);
      this.#send(bytes, context, (error) => {
        this.#pending.take(context.id)?.reject(this.#problem(`: ${messageOf(error)}`, error));
      });
    });
  }

  notify(method: string, params?: Buffer): void {
    if (this.#closed !== undefined) return;
    this.#send(notificationBytes(method, params), { method }, (error) => {
      this.events.unreadable(
        sentence(`The notification "${method}" could not be delivered: ${messageOf(error)}`),
      );
    });
  }

  /** Handles one message from the transport. */
  receive(bytes: Buffer, requestId?: number): void {
    let message: Message;
    try {
      message = scanMessage(bytes);
    } catch (error) {
      this.events.unreadable(
        `A message could not be read (${messageOf(error)}): ${bytes.toString('utf8', 0, 200)}`,
      );
      return;
    }
    if (message.kind === 'result') this.#onResponse(message, message.result);
    else if (message.kind === 'notification') this.#onNotification(message, requestId);
    else if (message.kind === 'request') void this.#onRequest(message, requestId);
    else this.#onResponse(message, message.error);
  }

  /** Fails all pending requests. Later requests fail at once. */
  close(reason: string): void {
    this.#closed ??= reason;
    for (const aborter of this.#serverRequests.values()) aborter.abort();
    for (const { context } of this.#pending.all())
      this.#pending.take(context.id)?.reject(this.#problem(`${reason} before it answered`));
    this.#pending.dispose();
  }

  #onResponse({ kind, id, bytes }: ResultMessage | ErrorMessage, body: Span): void {
    const pending = this.#pending.take(Number(id));
    if (isObject(bytes, body)) pending?.resolve({ kind, body: slice(bytes, body) });
    else pending?.reject(this.#problem(`answered with a ${kind} that is not an object`));
  }

  #onTimeout(pending: PendingRequest): void {
    const { context, options } = pending;
    const time = `${options.timeoutMs / 1000} s`;
    this.#giveUp(pending, this.#problem(`did not answer "${context.method}" within ${time}`));
  }

  #giveUp({ context, reject }: PendingRequest, error: RpcError): void {
    if (!this.#pending.take(context.id)) return;
    // The specification forbids a client to cancel `initialize`.
    if (context.method !== 'initialize') this.#cancel(context.id, error.message);
    context.abort();
    reject(error);
  }

  #problem(what: string, cause?: unknown): RpcError {
    const space = what.startsWith(':') ? '' : ' ';
    return new RpcError(codes.internal, sentence(`The server "${this.name}"${space}${what}`), { cause });
  }

  #cancel(id: number, reason: string): void {
    this.notify('notifications/cancelled', Buffer.from(JSON.stringify({ requestId: id, reason })));
  }

  #onNotification({ method, params, bytes }: NotificationMessage, requestId: number | undefined): void {
    const body = params && slice(bytes, params);
    if (method === 'notifications/progress' && body) this.#onProgress(body);
    else if (method === 'notifications/cancelled' && body) this.#onCancelled(body, requestId);
    else this.events.notification(method, body, requestId);
  }

  #onProgress(params: Buffer): void {
    const token = memberNamed(membersOf(params, 0), 'progressToken');
    const pending = token && this.#pending.get(Number(params.toString('utf8', token.start, token.end)));
    if (!token || !pending) return;
    this.#pending.restartTimeout(pending);
    pending.options.onProgress?.(params, token);
  }

  /** The server cancels its own request. Other cancellations are left to the owner. */
  #onCancelled(params: Buffer, requestId: number | undefined): void {
    const id = memberNamed(membersOf(params, 0), 'requestId');
    const aborter = id && this.#serverRequests.get(params.toString('utf8', id.start, id.end));
    if (aborter) aborter.abort();
    else this.events.notification('notifications/cancelled', params, requestId);
  }

  async #onRequest(message: RequestMessage, requestId: number | undefined): Promise<void> {
    if (message.method === 'ping') {
      this.#reply(resultBytes(message.id, Buffer.from('{}')));
      return;
    }
    const aborter = new AbortController();
    this.#serverRequests.set(message.id, aborter);
    const params = new Params(message.bytes, message.params);
    const token = params.progressToken;
    const held = this.#pauseTimeouts(requestId);
    try {
      const answer = await this.events.request(
        {
          method: message.method,
          params,
          signal: aborter.signal,
          progress: (progress) => {
            if (token !== undefined) this.notify('notifications/progress', progress.withProgressToken(token));
          },
        },
        requestId,
      );
      if (!aborter.signal.aborted)
        this.#reply(
          answer.kind === 'result'
            ? resultBytes(message.id, answer.body)
            : errorBytes(message.id, answer.body),
        );
    } catch (error) {
      const rpc = error instanceof RpcError ? error : new RpcError(codes.internal, messageOf(error));
      if (!aborter.signal.aborted) this.#reply(errorBytes(message.id, rpc.toBytes()));
    } finally {
      this.#serverRequests.delete(message.id);
      for (const pending of held) {
        pending.serverRequests -= 1;
        this.#pending.restartTimeout(pending);
      }
    }
  }

  /** Pauses the timeouts of the requests that a server request may belong to, because a person may need time to answer. */
  #pauseTimeouts(requestId: number | undefined): PendingRequest[] {
    const one = requestId === undefined ? undefined : this.#pending.get(requestId);
    const held = one ? [one] : this.#pending.all();
    for (const pending of held) pending.serverRequests += 1;
    return held;
  }

  #reply(bytes: Buffer): void {
    this.#send(bytes, { method: '' }, (error) => {
      this.events.unreadable(sentence(`A response could not be delivered: ${messageOf(error)}`));
    });
  }

  /** `failed` is called when the message was not delivered, at once or later. */
  #send(bytes: Buffer, context: SendContext, failed: (error: unknown) => void): void {
    try {
      this.transport.send(bytes, context)?.catch(failed);
    } catch (error) {
      failed(error);
    }
  }
}
