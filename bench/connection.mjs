// One keep-alive HTTP connection of the load generator. It costs a fraction of `node:http`'s client, so that on a machine
// that generator and subject share the figures are the subject's.
import net from 'node:net';

const endOfHead = Buffer.from('\r\n\r\n');

export class Connection {
  #socket;
  #host;
  #path;
  #received = Buffer.alloc(0);
  #waiting;

  constructor(url) {
    const { hostname, port, host, pathname } = new URL(url);
    this.#host = host;
    this.#path = pathname;
    this.#socket = net.connect({ host: hostname, port: Number(port), noDelay: true });
    this.#socket.on('data', (chunk) => {
      this.#received = this.#received.length === 0 ? chunk : Buffer.concat([this.#received, chunk]);
      this.#take();
    });
    this.#socket.on('error', (error) => this.#waiting?.reject(error));
    this.#socket.on('close', () => this.#waiting?.reject(new Error('the connection was closed')));
  }

  /** Posts one message and resolves with the head and the body of the answer. One request at a time. */
  post(headers, body) {
    const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`);
    this.#socket.write(
      `POST ${this.#path} HTTP/1.1\r\nhost: ${this.#host}\r\ncontent-type: application/json\r\n` +
        `accept: application/json, text/event-stream\r\ncontent-length: ${Buffer.byteLength(body)}\r\n${lines.join('')}\r\n${body}`,
    );
    return new Promise((resolve, reject) => (this.#waiting = { resolve, reject }));
  }

  close() {
    this.#waiting = undefined;
    this.#socket.destroy();
  }

  #take() {
    const headEnd = this.#received.indexOf(endOfHead);
    if (headEnd < 0) return;
    const head = this.#received.toString('latin1', 0, headEnd);
    const length = /\r\ncontent-length: (\d+)/i.exec(head);
    const found = length
      ? sized(this.#received, headEnd + 4, Number(length[1]))
      : chunked(this.#received, headEnd + 4);
    if (!found) return;
    this.#received = this.#received.subarray(found.end);
    const { resolve } = this.#waiting;
    this.#waiting = undefined;
    resolve({ head, body: found.body });
  }
}

function sized(bytes, start, length) {
  const end = start + length;
  return bytes.length < end ? undefined : { body: bytes.toString('utf8', start, end), end };
}

function chunked(bytes, start) {
  let body = '';
  for (let at = start; ;) {
    const lineEnd = bytes.indexOf('\r\n', at);
    if (lineEnd < 0) return undefined;
    const size = parseInt(bytes.toString('latin1', at, lineEnd), 16);
    const end = lineEnd + 2 + size + 2;
    if (bytes.length < end) return undefined;
    if (size === 0) return { body, end };
    body += bytes.toString('utf8', lineEnd + 2, end - 2);
    at = end;
  }
}

/** The JSON-RPC message in a body, be it JSON or an event stream of one answer. */
export function messageIn(body) {
  if (body.startsWith('{')) return JSON.parse(body);
  const data = body.split('\n').findLast((line) => line.startsWith('data: {'));
  return JSON.parse(data.slice('data: '.length));
}

export const sessionParams = {
  protocolVersion: '2025-11-25',
  capabilities: {},
  clientInfo: { name: 'bench', version: '1' },
};

/** Opens a session of the legacy era and resolves with the headers that belong to it. */
export async function openSession(url, headers, capabilities = {}) {
  const connection = new Connection(url);
  const params = { ...sessionParams, capabilities };
  const message = { jsonrpc: '2.0', id: 0, method: 'initialize', params };
  const { head } = await connection.post(headers, JSON.stringify(message));
  const id = /\r\nmcp-session-id: (\S+)/i.exec(head)?.[1];
  const session = id === undefined ? headers : { ...headers, 'mcp-session-id': id };
  await connection.post(session, JSON.stringify({ jsonrpc: '2.0', method: 'notifications/initialized' }));
  connection.close();
  return session;
}
