import http, { type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** What reached the stand-in. */
interface SeenRequest {
  method: string;
  headers: http.IncomingHttpHeaders;
  body: Buffer;
}

/** An HTTP end point that answers with prepared bytes, and keeps what it was sent. */
export interface RawEndpoint {
  url: string;
  port: number;
  seen: SeenRequest[];
  /** Stops at once, breaking every connection. */
  stop(): Promise<void>;
}

export type Answer = (request: SeenRequest, response: ServerResponse) => void;

/** Starts one; `answer` gets every request to `/mcp`. Others are 404, as at a gateway of another make. */
export async function startRawEndpoint(answer: Answer, port = 0): Promise<RawEndpoint> {
  const seen: SeenRequest[] = [];
  const handle = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const chunks: Buffer[] = [];
    for await (const chunk of request as AsyncIterable<Buffer>) chunks.push(chunk);
    if (request.url !== '/mcp') {
      response.writeHead(404).end();
      return;
    }
    const one = { method: request.method ?? '', headers: request.headers, body: Buffer.concat(chunks) };
    seen.push(one);
    answer(one, response);
  };
  const server = http.createServer(
    (request, response) => void handle(request, response).catch(() => response.destroy()),
  );
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
  const address = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${address.port}/mcp`,
    port: address.port,
    seen,
    stop: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** Answers the handshake and the GET of a legacy session; everything else goes to `rest`. */
export function legacySession(sessionId: string, rest: Answer): Answer {
  return (request, response) => {
    const text = request.body.toString('utf8', 0, 400);
    if (request.method === 'GET') response.writeHead(405).end();
    else if (request.method === 'DELETE') response.writeHead(204).end();
    else if (text.includes('"method":"initialize"')) {
      sendJson(
        response,
        `{"jsonrpc":"2.0","id":"init","result":{"protocolVersion":"2025-11-25","capabilities":{"tools":{}},"serverInfo":{"name":"raw","version":"1"}}}`,
        { 'mcp-session-id': sessionId },
      );
    } else if (request.headers['mcp-session-id'] !== sessionId) response.writeHead(404).end('{}');
    else if (!text.includes('"id"')) response.writeHead(202).end();
    else rest(request, response);
  };
}

export function sendJson(
  response: ServerResponse,
  body: string | Buffer,
  headers: Record<string, string> = {},
): void {
  response.writeHead(200, { 'content-type': 'application/json', ...headers }).end(body);
}
