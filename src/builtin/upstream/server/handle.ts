import type { ServerReport } from '../../../servers/api-types';
import type { CancelSignal } from '../../../platform/cancel-signal';
import type { Disposable } from '../../../platform/disposable';
import type { ServerDefinition } from '../../../servers/schema';
import type { Client, Era } from '../../client/client';
import type { Connection, OpenTransport } from '../connection/connection';
import type { ServerLists } from '../lists/listings';
import type { RpcResponse } from '../../../mcp-wire/rpc-response';
import type { Subscriber } from '../../client/subscriber';

/** Opens transports, and detects the protocol era of a server. */
export interface Opener {
  readonly open: OpenTransport;
  /** Detects the era on the transport that was last opened for the definition. Throws when it cannot be detected. */
  detect(definition: ServerDefinition, signal: AbortSignal): Promise<Era>;
  /** What a transport of the definition is busy with before it can be used, in a few words. */
  activity(definition: ServerDefinition): string | undefined;
  /** Fires when the activity of a definition has changed. */
  onActivityChanged(listener: (definition: ServerDefinition) => void): Disposable;
}

export type ServerState = ServerReport['state'];

/** A connection for the time of one call. */
export interface Lease {
  readonly connection: Connection;
  readonly release: () => void;
}

/** A server as the router and the lists use it: the shared server, or one client's view of it. */
export interface ServerHandle {
  readonly name: string;
  readonly definition: ServerDefinition;
  readonly state: ServerState;
  /** Whether its state is final for now: it is not starting. */
  readonly settled: boolean;
  /** Since when clients wait for it, in milliseconds since 1970. The default is when its definition was received. */
  readonly since?: number | undefined;
  readonly items: ServerLists;
  /** Whether its lists can be shown: they were read in this run or an earlier one. */
  readonly hasLists: boolean;
  /** The keys of the capabilities that the server declared. */
  readonly capabilities: ReadonlySet<string>;
  /** Resolves when the lists that it announced as changed have been read. `undefined` when there are none. */
  readonly catchingUp: Promise<unknown> | undefined;
  /** The capabilities as JSON, as the server declared them. */
  readonly declared: string | undefined;
  readonly instructions: string | undefined;
  /** Starts the server if it is not running. Never throws: a failure becomes its state. */
  start(): Promise<void>;
  /** Resolves when the server has settled, or when the signal aborts. */
  whenSettled(signal: CancelSignal): Promise<void>;
  /** A connection for a call of the client, without a promise when it is open. Rejects with {@link RpcError} on failure. */
  lease(client: Client, signal: CancelSignal): Lease | Promise<Lease>;
  /** Sets the log level of the server, unless it already logs more. */
  wantLevel(level: string): void;
  /** Whether the subscriber is subscribed to a resource. */
  isSubscribed(uri: string, subscriber: Subscriber): boolean;
  /** Ends the subscription to a resource. */
  unsubscribe(uri: string, subscriber: Subscriber): void;
  /** The server as the client sees it. */
  forClient(client: Client): ServerHandle;
  /** Called when a client has received its lists. */
  listsShown?(): void;
  /** Counts a call and its response; `undefined` when there was none. */
  count(answer: RpcResponse | undefined): void;
}
