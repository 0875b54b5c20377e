/** One request that a client should not send. */
export interface Malformed {
  name: string;
  /** The request line and the headers, without those that every request has; `raw` replaces all of it. */
  line?: string;
  headers?: readonly string[];
  body?: string;
  raw?: string;
  /** Within a session: the usual one, or one of the revision that has batches. Without, the request stands alone. */
  session?: 'usual' | 'batches';
  /** What the client does once it has sent this: it waits (unless said), sends no more but reads on, or breaks the connection. */
  then?: 'end' | 'reset';
  /** The connection may be closed without an answer: what came was no HTTP, or not all of it. */
  mayClose?: boolean;
  /** An answer that is no error would be wrong. */
  refused?: boolean;
  /** This text stands in the answer. */
  answer?: string;
}

export const ping = '{"jsonrpc":"2.0","id":1,"method":"ping"}';
