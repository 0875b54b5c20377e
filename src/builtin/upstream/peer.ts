import {
  notificationBytes,
  requestBytes,
  scanMessage,
  slice,
  type Message,
  type RequestMessage,
} from '../wire/envelope';
import { memberNamed, membersOf, type Span } from '../wire/json';
import { codes, RpcError } from '../wire/rpc-error';
import type { Channel } from './channel';

/** A server's answer; `body` is the bytes of its result or error object. */
export type Answer = { kind: 'result'; body: Buffer } | { kind: 'error'; body: Buffer };

/** Makes the params of a request once its id is known; the id doubles as progress token. */
export type ParamsFor = (progressToken: number) => Buffer | undefined;

export interface RequestOptions {
  /** Aborting sends `notifications/cancelled` to the server and rejects. */
  signal?: AbortSignal;
  /** Milliseconds without an answer or progress after which the request is given up. */
  timeoutMs: number;
  /** Gets the params of a progress notification, and where its token stands in them. */
  onProgress?: (params: Buffer, token: Span) => void;
}

interface Pending {
  resolve(answer: Answer): void;
  reject(error: Error): void;
  onProgress: RequestOptions['onProgress'];
  touch(): void;
}

/**
 * Correlates requests and answers on one channel. Ids are ours, so that the ids of many clients never meet.
 * Messages are handled in the order in which they arrive: what a server says before its answer is delivered before it.
 */
export class Peer {
  readonly #pending = new Map<number, Pending>();
  #next = 1;
  #closed: string | undefined;

  constructor(
    readonly name: string,
    readonly channel: Channel,
    readonly onNotification: (method: string, params: Buffer | undefined) => void,
    readonly onUnreadable: (problem: string) => void,
  ) {}

  get pendingCount(): number {
    return this.#pending.size;
  }

  async request(method: string, params: ParamsFor, options: RequestOptions): Promise<Answer> {
    if (this.#closed !== undefined)
      throw new RpcError(codes.internal, `server "${this.name}" ${this.#closed}`);
    options.signal?.throwIfAborted();
    const id = this.#next++;
    const unwanted = new AbortController();
    return await new Promise<Answer>((resolve, reject) => {
      const settle = this.#watch(id, method, options, (error) => {
        unwanted.abort();
        reject(error);
      });
      this.#pending.set(id, {
        resolve: (answer) => {
          settle.dispose();
          resolve(answer);
        },
        reject: (error) => {
          settle.dispose();
          reject(error);
        },
        onProgress: options.onProgress,
        touch: settle.touch,
      });
      const context = { id, method, signal: unwanted.signal };
      this.channel.send(requestBytes(id, method, params(id)), context).catch((error: unknown) => {
        this.#take(id)?.reject(
          new RpcError(codes.internal, `server "${this.name}": ${messageOf(error)}`, { cause: error }),
        );
      });
    });
  }

  notify(method: string, params?: Buffer): void {
    this.channel.send(notificationBytes(method, params)).catch((error: unknown) => {
      this.onUnreadable(`"${method}" could not be delivered: ${messageOf(error)}`);
    });
  }

  /** Takes one message from the channel. */
  receive(bytes: Buffer): void {
    let message: Message;
    try {
      message = scanMessage(bytes);
    } catch (error) {
      this.onUnreadable(
        `a message could not be read (${messageOf(error)}): ${bytes.toString('utf8', 0, 200)}`,
      );
      return;
    }
    if (message.kind === 'request') this.#answer(message);
    else if (message.kind === 'notification')
      this.#notified(message.method, message.params && slice(bytes, message.params));
    else if (message.kind === 'result')
      this.#take(Number(message.id))?.resolve({ kind: 'result', body: slice(bytes, message.result) });
    else this.#take(Number(message.id))?.resolve({ kind: 'error', body: slice(bytes, message.error) });
  }

  /** Fails everything under way; later requests fail at once. */
  close(reason: string): void {
    this.#closed ??= reason;
    for (const id of [...this.#pending.keys()]) {
      this.#take(id)?.reject(
        new RpcError(codes.internal, `server "${this.name}" ${reason} before it answered`),
      );
    }
  }

  #take(id: number): Pending | undefined {
    const pending = this.#pending.get(id);
    this.#pending.delete(id);
    return pending;
  }

  #watch(
    id: number,
    method: string,
    options: RequestOptions,
    reject: (error: Error) => void,
  ): { dispose: () => void; touch: () => void } {
    const giveUp = (error: Error): void => {
      if (!this.#pending.delete(id)) return;
      dispose();
      // The specification forbids cancelling the handshake.
      if (method !== 'initialize')
        this.notify(
          'notifications/cancelled',
          Buffer.from(JSON.stringify({ requestId: id, reason: error.message })),
        );
      reject(error);
    };
    const timer = setTimeout(() => {
      giveUp(
        new RpcError(
          codes.internal,
          `server "${this.name}" did not answer "${method}" within ${options.timeoutMs / 1000} s`,
        ),
      );
    }, options.timeoutMs);
    const onAbort = (): void => giveUp(new RpcError(codes.internal, 'cancelled by the client'));
    options.signal?.addEventListener('abort', onAbort, { once: true });
    const dispose = (): void => {
      clearTimeout(timer);
      options.signal?.removeEventListener('abort', onAbort);
    };
    return { dispose, touch: () => timer.refresh() };
  }

  #notified(method: string, params: Buffer | undefined): void {
    if (method !== 'notifications/progress' || !params) {
      this.onNotification(method, params);
      return;
    }
    const token = memberNamed(membersOf(params, 0), 'progressToken');
    const pending = token && this.#pending.get(Number(params.toString('utf8', token.start, token.end)));
    if (!token || !pending) return;
    pending.touch();
    pending.onProgress?.(params, token);
  }

  // No client capabilities are declared upstream, so a server may ask for nothing but a sign of life.
  #answer(message: RequestMessage): void {
    const body =
      message.method === 'ping'
        ? `"result":{}`
        : `"error":{"code":${codes.methodNotFound},"message":"the gateway does not offer ${JSON.stringify(message.method).slice(1, -1)}"}`;
    this.channel.send(Buffer.from(`{"jsonrpc":"2.0","id":${message.id},${body}}`)).catch(() => undefined);
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
