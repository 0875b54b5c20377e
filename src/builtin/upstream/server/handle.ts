import type { ServerReport } from '../../../servers/api-types';
import type { CancelSignal } from '../../../platform/cancel-signal';
import type { Disposable } from '../../../platform/disposable';
import type { ServerDefinition } from '../../../servers/schema';
import type { Client, Era } from '../../client/client';
import type { Connection, OpenTransport } from '../connection/connection';
import type { ServerLists } from '../lists/listings';
import type { RpcResponse } from '../../../mcp-wire/rpc-response';
import type { Subscriber } from '../../client/subscriber';

/** Opens connections, and finds out which era a server speaks. */
export interface Opener {
  readonly open: OpenTransport;
  /** Asks on the transport of that definition that was opened last. Throws when it can not be told. */
  detect(definition: ServerDefinition, signal: AbortSignal): Promise<Era>;
  /** What keeps a connection of that definition from being used, in a few words. */
  activity(definition: ServerDefinition): string | undefined;
  /** That has changed. */
  onActivityChanged(listener: (definition: ServerDefinition) => void): Disposable;
}

export type ServerState = ServerReport['state'];

/** A connection for the time of one call. */
export interface Lease {
  readonly connection: Connection;
  readonly release: () => void;
}

/** A server as the router and the lists see it: as it is for everybody, or as it is for one client. */
export interface ServerHandle {
  readonly name: string;
  readonly definition: ServerDefinition;
  readonly state: ServerState;
  /** Whether nothing about it is going to change by itself soon. */
  readonly settled: boolean;
  /** Since when it could have settled, in milliseconds since 1970, where that is not when its definition came. */
  readonly since?: number | undefined;
  readonly items: ServerLists;
  /** Whether its lists can be shown: they have been read, now or in an earlier run. */
  readonly hasLists: boolean;
  /** The keys of the capabilities that the server declared. */
  readonly capabilities: ReadonlySet<string>;
  /** Resolves when lists that it has announced have been read; `undefined` when there are none. */
  readonly catchingUp: Promise<unknown> | undefined;
  /** The capabilities as JSON, as the server declared them. */
  readonly declared: string | undefined;
  readonly instructions: string | undefined;
  /** Starts the server if it is not running. Never throws: a failure is its state. */
  start(): Promise<void>;
  /** Resolves when the server has settled, or when the signal aborts. */
  whenSettled(signal: CancelSignal): Promise<void>;
  /** The connection for a call of that client, at once where it is open. Rejects with {@link RpcError} when the server is not up. */
  lease(client: Client, signal: CancelSignal): Lease | Promise<Lease>;
  /** Lets the server log at that level at least. */
  wantLevel(level: string): void;
  /** Whether somebody hears of changes of a resource. */
  isSubscribed(uri: string, subscriber: Subscriber): boolean;
  /** Lets somebody hear of changes of a resource no more. */
  unsubscribe(uri: string, subscriber: Subscriber): void;
  /** The server as that client sees it. */
  forClient(client: Client): ServerHandle;
  /** Called when a client was shown its lists. */
  listsShown?(): void;
  /** Counts an answer, or its absence. */
  count(answer: RpcResponse | undefined): void;
}
