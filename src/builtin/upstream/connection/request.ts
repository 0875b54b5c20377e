import type { CancelSignal } from '../../../platform/cancel-signal';
import type { Span } from '../../../mcp-wire/json';
import type { CallLink } from '../../client/call-link';
import type { Client } from '../../client/client';

/** Creates the params of a request when its id is known. The id is also the progress token. */
export type ParamsFor = (progressToken: number) => Buffer | undefined;

export interface PeerRequestOptions {
  /** Aborting sends `notifications/cancelled` to the server and rejects. */
  signal?: CancelSignal;
  /** Milliseconds without a response or progress until the request fails. A pending server request pauses the timeout. */
  timeoutMs: number;
  /** Receives the params of a progress notification, and the span of the token in them. */
  onProgress?: ((params: Buffer, token: Span) => void) | undefined;
  /** The name or URI of the request, for transports that repeat it in a header. */
  name?: string | undefined;
  /** The client that waits for the response. */
  caller?: CallLink;
}

/** Creates the params of a request when its id and the `_meta` members of its hop are known. */
export type HopParams = (progressToken: number, meta: ReadonlyMap<string, string>) => Buffer | undefined;

export interface HopOptions extends PeerRequestOptions {
  /** The client that the server sees in this request, in the modern era. */
  client?: Pick<Client, 'identity'> | undefined;
  /** The log level for this request, as a JSON string, in the modern era. */
  logLevel?: string | undefined;
  /** Is sent as `_meta.traceparent`. */
  traceparent?: string | undefined;
}
