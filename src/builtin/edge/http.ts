import type { IncomingHttpHeaders } from 'node:http';

/** As much of a request as the MCP end points look at; every `IncomingMessage` is one. */
export interface EdgeRequest {
  readonly method?: string | undefined;
  readonly url?: string | undefined;
  readonly headers: IncomingHttpHeaders;
}

export type ResponseHeaders = Readonly<Record<string, string | number>>;

/** As much of a response as the MCP end points write; every `ServerResponse` is one. */
export interface EdgeResponse {
  readonly headersSent: boolean;
  readonly writableEnded: boolean;
  /** Whether nothing can be written any more. */
  readonly destroyed: boolean;
  /** Bytes that the client has not taken yet. */
  readonly writableLength: number;
  writeHead(status: number, headers?: ResponseHeaders): this;
  write(chunk: Buffer | string): boolean;
  end(chunk?: Buffer | string, encoding?: BufferEncoding): this;
  destroy(): this;
  /** Called once, when the response has ended or its connection has. */
  on(event: 'close', listener: () => void): this;
}
