import { DisposableList } from '../../platform/disposable';
import type { ServerRegistry } from '../catalogue/server-registry';
import type { Scope } from '../catalogue/scope';
import { allowsResource, seesServer } from '../tokens/profile';
import type { Router } from '../calls/router';
import { statelessCaller } from '../client/caller';
import type { Client } from '../client/client';
import type { Subscriber } from '../client/subscriber';
import { notificationBytes, resultBytes, type RawId } from '../../mcp-wire/envelope';
import { elementsOf, isArray, isObject, memberNamed, membersOf, stringValue } from '../../mcp-wire/json';
import { hopPrefix } from '../../mcp-wire/modern-era';
import { Params } from '../../mcp-wire/params';
import { codes, RpcError } from '../../mcp-wire/rpc-error';
import type { ServerHandle } from '../upstream/server/handle';
import type { Exchange } from './exchange';

const maximumListeners = 1024;

/** The notification for each member of the filter. */
const noticeOf: ReadonlyMap<string, string> = new Map([
  ['toolsListChanged', 'notifications/tools/list_changed'],
  ['promptsListChanged', 'notifications/prompts/list_changed'],
  ['resourcesListChanged', 'notifications/resources/list_changed'],
]);

/**
 * One `subscriptions/listen` of a client. Every notification on it has the id of the request, and none is sent before the
 * acknowledgement.
 */
class Listener implements Subscriber {
  /** Notifications from before the acknowledgement, by method and resource. Of equal ones the last is kept. */
  #held: Map<string, Buffer> | undefined = new Map();

  constructor(
    readonly id: RawId,
    readonly scope: Scope,
    readonly notices: ReadonlySet<string>,
    readonly exchange: Exchange,
  ) {}

  /** An update can name a resource below the subscribed one, which the token may not see. */
  updated(params: Buffer, server: string, uri: string): void {
    if (allowsResource(this.scope.profile, server, uri))
      this.notify('notifications/resources/updated', params);
  }

  notify(method: string, params: Buffer): void {
    if (!this.#held) this.#send(method, params);
    else {
      const uri = stringValue(params, memberNamed(membersOf(params, 0), 'uri')) ?? '';
      this.#held.set(`${method}\n${uri}`, params);
    }
  }

  /** Sends the acknowledgement, and then the notifications that were held back. */
  acknowledge(params: Buffer): void {
    const held = this.#held ?? new Map<string, Buffer>();
    this.#held = undefined;
    this.#send('notifications/subscriptions/acknowledged', params);
    for (const [key, body] of held) this.#send(key.slice(0, key.indexOf('\n')), body);
  }

  #send(method: string, params: Buffer): void {
    const own = new Params(params, { start: 0, end: params.length });
    const stamped = own.forNextHop(0, [], new Map([[`${hopPrefix}subscriptionId`, this.id]]));
    this.exchange.send(notificationBytes(method, stamped));
  }
}

/** The subscriptions of clients of 2026-07-28. */
export class Listeners {
  readonly #open = new Set<Listener>();

  constructor(
    readonly registry: ServerRegistry,
    readonly router: Router,
  ) {
    registry.onListChanged(({ server, method }) => {
      for (const listener of this.#open)
        if (listener.notices.has(method) && sees(listener.scope, server.name)) listener.notify(method, empty);
    });
  }

  /** Opens a subscription and keeps it until `closed` aborts. Throws {@link RpcError} when that is not possible. */
  async open(
    id: RawId,
    params: Params,
    scope: Scope,
    client: Client,
    exchange: Exchange,
    closed: AbortSignal,
  ): Promise<void> {
    if (this.#open.size >= maximumListeners)
      throw new RpcError(
        codes.internal,
        `There are already ${maximumListeners} subscriptions, which is the limit. Try again later.`,
      );
    const filter = params.member('notifications');
    if (!isObject(params.bytes, filter))
      throw new RpcError(codes.invalidParams, '"params.notifications" must be an object.', { status: 400 });
    const wanted = readFilter(params.bytes, filter.start);
    const listener = new Listener(id, scope, new Set(wanted.notices.values()), exchange);
    this.#open.add(listener);
    const uris = await this.#subscribe(listener, wanted.uris, params, client, closed);
    // The client has closed the stream, or the gateway has ended the subscription.
    if (!this.#open.has(listener)) return;
    const honored = {
      ...Object.fromEntries([...wanted.notices.keys()].map((key) => [key, true])),
      ...(uris.length > 0 ? { resourceSubscriptions: uris } : {}),
    };
    listener.acknowledge(Buffer.from(JSON.stringify({ notifications: honored })));
    if (Object.keys(honored).length === 0) this.#end(listener);
  }

  dispose(): void {
    for (const listener of [...this.#open]) this.#end(listener);
  }

  /** Ends a subscription by its response. */
  #end(listener: Listener): void {
    this.#open.delete(listener);
    const meta = `{"resultType":"complete","_meta":{"${hopPrefix}subscriptionId":${listener.id}}}`;
    listener.exchange.reply(resultBytes(listener.id, Buffer.from(meta)));
  }

  /** Returns the resources whose servers accepted. Undoes everything when `closed` aborts, even while it is in progress. */
  async #subscribe(
    listener: Listener,
    uris: readonly string[],
    params: Params,
    client: Client,
    closed: AbortSignal,
  ): Promise<string[]> {
    const undo = new DisposableList();
    const end = (): void => undo.dispose();
    if (closed.aborted) end();
    else closed.addEventListener('abort', end, { once: true });
    undo.add({ dispose: () => this.#open.delete(listener) });
    const agreed = uris.map(async (uri) => {
      const server = await this.#ownerFor(listener, uri, params, client);
      if (!server || !this.#open.has(listener)) return [];
      const lease = await server.lease(client, closed);
      const { connection } = lease;
      try {
        if (!this.#open.has(listener)) return [];
        undo.add({ dispose: () => connection.removeSubscriber(listener) });
        return (await connection.subscribe(uri, listener)).kind === 'result' ? [uri] : [];
      } finally {
        lease.release();
      }
    });
    return (await Promise.all(agreed.map(async (one) => one.catch(() => [])))).flat();
  }

  /** The server of a resource. A resource that the rules exclude has none, and the refusal is recorded. */
  async #ownerFor(
    { scope }: Listener,
    uri: string,
    params: Params,
    client: Client,
  ): Promise<ServerHandle | undefined> {
    if (this.router.refusals.permits(scope, uri)) return await this.router.ownerOf(scope, uri);
    const caller = statelessCaller(client, undefined);
    const call = { method: 'subscriptions/listen', params, scope, caller };
    return await this.router.refusals.refuse(call, 'resource', uri);
  }
}

const empty = Buffer.from('{}');

function sees(scope: Scope, server: string): boolean {
  return (scope.key === '*' || scope.key === server) && seesServer(scope.profile, server);
}

function readFilter(bytes: Buffer, start: number): { notices: Map<string, string>; uris: string[] } {
  const members = membersOf(bytes, start);
  const notices = new Map(
    [...noticeOf].filter(([key]) => {
      const member = memberNamed(members, key);
      return member && bytes.toString('latin1', member.start, member.end) === 'true';
    }),
  );
  const list = memberNamed(members, 'resourceSubscriptions');
  const uris = isArray(bytes, list)
    ? elementsOf(bytes, list.start).flatMap((span) => stringValue(bytes, span) ?? [])
    : [];
  return { notices, uris: [...new Set(uris)] };
}
