import type { ServerResponse } from 'node:http';
import { startRawEndpoint, type RawEndpoint } from '../support/raw-endpoint';

const tool = '{"name":"raw","inputSchema":{"type":"object"}}';
const info = '"serverInfo":{"name":"stand-in","version":"1"}';
const capabilities = '"capabilities":{"tools":{}}';

/** An upstream over HTTP that works on bytes: it answers each call with `result`, and keeps what it was sent. */
export class StandIn {
  result = '{"content":[]}';

  private constructor(
    readonly endpoint: RawEndpoint,
    readonly modern: boolean,
  ) {}

  static async start(modern: boolean): Promise<StandIn> {
    const endpoint = await startRawEndpoint((request, response) => {
      if (request.method === 'POST') standIn.#answer(request.body.toString('utf8'), response);
      else response.writeHead(request.method === 'DELETE' ? 204 : 405).end();
    });
    const standIn = new StandIn(endpoint, modern);
    return standIn;
  }

  /** The body of the last call. */
  get lastCall(): Buffer {
    return this.endpoint.seen.findLast(({ body }) => body.includes('"tools/call"'))?.body ?? Buffer.alloc(0);
  }

  #answer(body: string, response: ServerResponse): void {
    const id = /^\{"jsonrpc":"2\.0","id":(\d+),/.exec(body)?.[1];
    const method = /"method":"([^"]+)"/.exec(body)?.[1] ?? '';
    if (id === undefined) {
      response.writeHead(202).end();
      return;
    }
    const outcome = this.#outcome(method);
    response.writeHead(200, { 'content-type': 'application/json', 'mcp-session-id': 'stand-in' });
    response.end(`{"jsonrpc":"2.0","id":${id},${outcome}}`);
  }

  #outcome(method: string): string {
    const more = this.modern ? '"resultType":"complete","ttlMs":0,"cacheScope":"private",' : '';
    const known: Record<string, string> = {
      'tools/list': `{${more}"tools":[${tool}]}`,
      'tools/call': this.result,
      ...(this.modern
        ? { 'server/discover': `{${more}"supportedVersions":["2026-07-28"],${capabilities},${info}}` }
        : { initialize: `{"protocolVersion":"2025-11-25",${capabilities},${info}}` }),
    };
    const result = known[method];
    return result === undefined
      ? '"error":{"code":-32601,"message":"Method not found"}'
      : `"result":${result}`;
  }
}
