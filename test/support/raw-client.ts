import type { TestGateway } from './gateway';

/** An MCP client that works on bytes, for what an SDK would parse and print again. */
export class RawClient {
  lastId = 0;

  private constructor(
    readonly gateway: Pick<TestGateway, 'base' | 'token'>,
    readonly path: string,
    readonly session: string,
  ) {}

  /** Opens a session of the legacy era. */
  static async open(
    gateway: Pick<TestGateway, 'base' | 'token'>,
    path = '/mcp',
    version = '2025-11-25',
  ): Promise<RawClient> {
    const params = `{"protocolVersion":"${version}","capabilities":{},"clientInfo":{"name":"raw","version":"1"}}`;
    const response = await fetch(gateway.base + path, {
      method: 'POST',
      headers: { ...headers, authorization: `Bearer ${gateway.token}` },
      body: `{"jsonrpc":"2.0","id":0,"method":"initialize","params":${params}}`,
    });
    await response.text();
    const session = response.headers.get('mcp-session-id');
    if (session === null) throw new Error(`no session: HTTP ${response.status}`);
    const client = new RawClient(gateway, path, session);
    await (await client.post('{"jsonrpc":"2.0","method":"notifications/initialized"}')).text();
    return client;
  }

  async post(body: string, extra: Record<string, string> = {}): Promise<Response> {
    return await fetch(this.gateway.base + this.path, {
      method: 'POST',
      headers: {
        ...headers,
        authorization: `Bearer ${this.gateway.token}`,
        'mcp-session-id': this.session,
        ...extra,
      },
      body,
    });
  }

  /** The bytes of the whole answer to a request of the legacy era. */
  async request(method: string, params: string): Promise<Buffer> {
    this.lastId += 1;
    return await bytesOf(
      await this.post(`{"jsonrpc":"2.0","id":${this.lastId},"method":"${method}","params":${params}}`),
    );
  }

  /** The same in the form of 2026-07-28; `params` and `capabilities` are texts of objects. */
  async modernRequest(method: string, params: string, name?: string, capabilities = '{}'): Promise<Buffer> {
    this.lastId += 1;
    const body = `{"jsonrpc":"2.0","id":${this.lastId},"method":"${method}","params":${modernParams(params, capabilities)}}`;
    const response = await fetch(this.gateway.base + this.path, {
      method: 'POST',
      headers: {
        ...headers,
        authorization: `Bearer ${this.gateway.token}`,
        'mcp-protocol-version': '2026-07-28',
        'mcp-method': method,
        ...(name === undefined ? {} : { 'mcp-name': name }),
      },
      body,
    });
    return await bytesOf(response);
  }
}

const headers = { 'content-type': 'application/json', accept: 'application/json, text/event-stream' };

const hop = '"io.modelcontextprotocol/';

/** The text of an object, with what every request of 2026-07-28 carries in front. */
export function modernParams(params: string, capabilities = '{}'): string {
  const meta = `"_meta":{${hop}protocolVersion":"2026-07-28",${hop}clientCapabilities":${capabilities}}`;
  return `{${meta}${params === '{}' ? '' : ','}${params.slice(1)}`;
}

/** The last message of an answer, whether it came as JSON or as an event stream. */
async function bytesOf(response: Response): Promise<Buffer> {
  const bytes = Buffer.from(await response.arrayBuffer());
  if (response.headers.get('content-type')?.startsWith('text/event-stream') !== true) return bytes;
  const data = bytes
    .toString('utf8')
    .split('\n')
    .filter((line) => line.startsWith('data: {'));
  return Buffer.from((data.at(-1) ?? '').slice('data: '.length));
}
