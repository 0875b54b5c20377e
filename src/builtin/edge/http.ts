import type { IncomingHttpHeaders } from 'node:http';
import type { Socket } from 'node:net';

/** The part of a request that the MCP endpoints need. Every `IncomingMessage` is one. */
export interface EdgeRequest {
  readonly method?: string | undefined;
  readonly url?: string | undefined;
  readonly headers: IncomingHttpHeaders;
}

export type ResponseHeaders = Readonly<Record<string, string | number>>;

/** The part of a response that the MCP endpoints need. Every `ServerResponse` is one. */
export interface EdgeResponse {
  readonly headersSent: boolean;
  readonly writableEnded: boolean;
  /** The connection, while there is one. */
  readonly socket: Socket | null;
  /** Whether it is closed for writing. */
  readonly destroyed: boolean;
  /** The number of bytes that the client has not read yet. */
  readonly writableLength: number;
  writeHead(status: number, headers?: ResponseHeaders): this;
  write(chunk: Buffer | string): boolean;
  end(chunk?: Buffer | string, encoding?: BufferEncoding): this;
  destroy(): this;
  /** Called once, when the response or its connection has ended. */
  on(event: 'close', listener: () => void): this;
}
