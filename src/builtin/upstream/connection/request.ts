import type { CancelSignal } from '../../../platform/cancel-signal';
import type { Span } from '../../../mcp-wire/json';
import type { CallLink } from '../../client/call-link';
import type { Client } from '../../client/client';

/** Makes the params of a request once its id is known; the id doubles as progress token. */
export type ParamsFor = (progressToken: number) => Buffer | undefined;

export interface PeerRequestOptions {
  /** Aborting sends `notifications/cancelled` to the server and rejects. */
  signal?: CancelSignal;
  /** Milliseconds without an answer or progress after which the request is given up; a question under way stops the clock. */
  timeoutMs: number;
  /** Gets the params of a progress notification, and where its token stands in them. */
  onProgress?: ((params: Buffer, token: Span) => void) | undefined;
  /** What the transport repeats of the request: its name or URI. */
  name?: string | undefined;
  /** Who waits for the answer. */
  caller?: CallLink;
}

/** Makes the params of a request once its id and the `_meta` members of its hop are known. */
export type HopParams = (progressToken: number, meta: ReadonlyMap<string, string>) => Buffer | undefined;

export interface HopOptions extends PeerRequestOptions {
  /** The client that the server is to see in this request, in the stateless era. */
  client?: Pick<Client, 'identity'> | undefined;
  /** The log level that the client wants for this request, as a JSON string; stateless era. */
  logLevel?: string | undefined;
  /** Goes along as `_meta.traceparent`. */
  traceparent?: string | undefined;
}
