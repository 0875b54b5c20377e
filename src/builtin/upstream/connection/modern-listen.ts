import { messageOf } from '../../../platform/errors';
import { sentence } from '../../../platform/sentence';
import type { ClientIdentity } from '../../client/client';
import { memberNamed, membersOf, isObject } from '../../../mcp-wire/json';
import { hopPrefix } from '../../../mcp-wire/modern-era';
import { metaObject } from '../../../mcp-wire/params';
import { codes, RpcError } from '../../../mcp-wire/rpc-error';
import { envelopeMeta } from './envelope-meta';
import type { Peer } from './peer';

const method = 'subscriptions/listen';
const acknowledgeMs = 10_000;
const firstRetryMs = 1000;
const longestRetryMs = 30_000;
/** A subscription lasts as long as the connection. This is the longest time that timers accept. */
const forever = 2 ** 31 - 1;

/** Keeps one `subscriptions/listen` of 2026-07-28 open, for list changes and for subscribed resources. */
export class ModernListen {
  #uris: readonly string[] = [];
  #current: AbortController | undefined;
  #closed = false;
  #retry: NodeJS.Timeout | undefined;
  #retryMs = firstRetryMs;
  readonly #waiting = new Map<number, () => void>();

  constructor(
    readonly peer: Peer,
    readonly identity: ClientIdentity,
    /** The capabilities of the server, such as `tools.listChanged`. */
    readonly capabilities: ReadonlySet<string>,
    readonly report: (problem: string) => void,
  ) {}

  /**
   * Subscribes to these resources from now on. Resolves when the server has acknowledged the subscription, or after ten
   * seconds. Rejects when the server refuses; the previous subscription then stays open.
   */
  async open(uris: readonly string[]): Promise<void> {
    const filter = this.#filter(uris);
    const before = this.#current;
    clearTimeout(this.#retry);
    if (Object.keys(filter).length === 0 || this.#closed) {
      before?.abort();
      this.#current = undefined;
      return;
    }
    const aborter = new AbortController();
    try {
      // The old stream is closed only after the new one is acknowledged, so that no notification is lost.
      await this.#listen(filter, aborter);
    } catch (error) {
      if (!before) this.#again();
      throw error;
    }
    this.#uris = uris;
    this.#current = aborter;
    before?.abort();
  }

  /** The server has acknowledged a subscription. */
  acknowledged(params: Buffer | undefined): void {
    const id = params && subscriptionId(params);
    if (id !== undefined) this.#waiting.get(id)?.();
  }

  close(): void {
    this.#closed = true;
    clearTimeout(this.#retry);
    this.#current?.abort();
  }

  /** Resolves when the server has acknowledged, or does not answer in time. Rejects when it refuses. */
  async #listen(filter: object, aborter: AbortController): Promise<void> {
    await new Promise<void>((resolve, reject) => {
      const timer = setTimeout(resolve, acknowledgeMs);
      let listenId = 0;
      const params = (id: number): Buffer => {
        listenId = id;
        this.#waiting.set(id, () => {
          this.#retryMs = firstRetryMs;
          resolve();
        });
        return Buffer.from(
          `{"_meta":${metaObject(envelopeMeta(this.identity))},"notifications":${JSON.stringify(filter)}}`,
        );
      };
      const over = (problem: string): void => {
        clearTimeout(timer);
        this.#waiting.delete(listenId);
        reject(new RpcError(codes.internal, sentence(`The server refused the subscription: ${problem}`)));
        this.#ended(aborter, problem);
      };
      this.peer.request(method, params, { signal: aborter.signal, timeoutMs: forever }).then(
        (answer) => over(answer.kind === 'error' ? answer.body.toString('utf8', 0, 300) : ''),
        (error: unknown) => over(messageOf(error)),
      );
    });
  }

  #ended(aborter: AbortController, problem: string): void {
    if (this.#closed || aborter.signal.aborted || this.#current !== aborter) return;
    this.#current = undefined;
    if (problem !== '') this.report(sentence(`The subscription ended: ${problem}`));
    this.#again();
  }

  #again(): void {
    if (this.#closed) return;
    this.#retry = setTimeout(() => {
      this.open(this.#uris).catch((error: unknown) => this.report(messageOf(error)));
    }, this.#retryMs).unref();
    this.#retryMs = Math.min(this.#retryMs * 2, longestRetryMs);
  }

  #filter(uris: readonly string[]): object {
    const has = (capability: string): boolean => this.capabilities.has(capability);
    return {
      ...(has('tools.listChanged') ? { toolsListChanged: true } : {}),
      ...(has('prompts.listChanged') ? { promptsListChanged: true } : {}),
      ...(has('resources.listChanged') ? { resourcesListChanged: true } : {}),
      ...(uris.length > 0 ? { resourceSubscriptions: uris } : {}),
    };
  }
}

function subscriptionId(params: Buffer): number | undefined {
  const meta = memberNamed(membersOf(params, 0), '_meta');
  if (!isObject(params, meta)) return undefined;
  const id = memberNamed(membersOf(params, meta.start), `${hopPrefix}subscriptionId`);
  return id && Number(params.toString('latin1', id.start, id.end));
}
