import assert from 'node:assert/strict';
import { once } from 'node:events';
import type { RequestListener } from 'node:http';
import net from 'node:net';
import { Connections } from '../../../../../src/builtin/edge/connections';
import type { WholeRequest } from '../../../../../src/builtin/edge/fast-path/request';
import type { FastResponse } from '../../../../../src/builtin/edge/fast-path/response';
import { eventually } from '../../../../support/eventually';

const byNode: RequestListener = (request, response) => {
  let body = '';
  request.setEncoding('utf8').on('data', (chunk: string) => (body += chunk));
  request.on('end', () => response.end(`Node: ${request.method ?? ''} ${request.url ?? ''} ${body}`));
};

function post(body: string, path = '/mcp'): string {
  return `POST ${path} HTTP/1.1\r\nhost: localhost\r\ncontent-length: ${Buffer.byteLength(body)}\r\n\r\n${body}`;
}

type Handle = (request: WholeRequest, response: FastResponse) => boolean;

const echo: Handle = ({ body }, response) => {
  response.writeHead(200, { 'content-type': 'text/plain' }).end(`fast: ${body.toString()}`);
  return true;
};

describe('a connection on the fast path', () => {
  const sockets: net.Socket[] = [];
  let connections: Connections | undefined;

  async function serve(handle: Handle): Promise<net.Socket> {
    const limits = { connections: 10, headerSeconds: 3, bodySeconds: 3 };
    connections = new Connections(() => limits, byNode, handle);
    const { server } = connections;
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const address = server.address();
    assert.ok(address !== null && typeof address === 'object');
    const socket = net.connect(address.port, '127.0.0.1');
    sockets.push(socket);
    await once(socket, 'connect');
    return socket;
  }

  function textOf(socket: net.Socket): () => string {
    let text = '';
    socket.setEncoding('latin1').on('data', (chunk: string) => (text += chunk));
    return () => text;
  }

  afterEach(async () => {
    for (const socket of sockets.splice(0)) socket.destroy();
    await connections?.close();
  });

  it('answers with the head and the body that Node would send', async () => {
    const socket = await serve(echo);
    const said = textOf(socket);
    socket.write(post('1'));
    await eventually(() => said().endsWith('fast: 1'));
    assert.match(
      said(),
      /^HTTP\/1\.1 200 OK\r\ncontent-type: text\/plain\r\ncontent-length: 7\r\nDate: \w{3}, [^\r]* GMT\r\nConnection: keep-alive\r\nKeep-Alive: timeout=65\r\n\r\nfast: 1$/,
    );
  });

  it('answers requests that come together one after the other, in their order', async () => {
    const underWay: FastResponse[] = [];
    const socket = await serve((_request, response) => {
      underWay.push(response);
      return true;
    });
    const said = textOf(socket);
    socket.write(post('a') + post('b') + post('c'));
    for (const text of ['first', 'second', 'third']) {
      await eventually(() => underWay.length === 1);
      underWay.pop()?.end(text);
    }
    await eventually(() => said().includes('third'));
    assert.match(said(), /first.*second.*third/s);
  });

  it('takes a request that comes in pieces', async () => {
    const socket = await serve(echo);
    const said = textOf(socket);
    const request = post('in pieces');
    for (const piece of [request.slice(0, 10), request.slice(10, 60), request.slice(60)]) {
      socket.write(piece);
      await new Promise((resolve) => setImmediate(resolve));
    }
    await eventually(() => said().includes('fast: in pieces'));
  });

  it('is handed over to Node with a request of another kind, and stays there', async () => {
    const socket = await serve(echo);
    const said = textOf(socket);
    socket.write(post('1'));
    await eventually(() => said().includes('fast: 1'));
    socket.write('GET /health HTTP/1.1\r\nhost: localhost\r\n\r\n');
    await eventually(() => said().includes('Node: GET /health'));
    socket.write(post('2'));
    await eventually(() => said().includes('Node: POST /mcp 2'));
  });

  it('is handed over with the other requests that came with that one', async () => {
    const socket = await serve(echo);
    const said = textOf(socket);
    socket.write(`${post('1')}GET /a HTTP/1.1\r\nhost: localhost\r\n\r\n${post('2')}`);
    await eventually(() => said().includes('Node: POST /mcp 2'));
    assert.match(said(), /fast: 1.*Node: GET \/a.*Node: POST \/mcp 2/s);
  });

  it('is handed over with a request that its handler does not take', async () => {
    const socket = await serve(() => false);
    const said = textOf(socket);
    socket.write(post('body', '/api'));
    await eventually(() => said().includes('Node: POST /api body'));
  });

  it('is handed over with a request that does not arrive, and closed by Node', async () => {
    const socket = await serve(echo);
    const said = textOf(socket);
    socket.write(post('the end of it is missing').slice(0, -5));
    await once(socket, 'close');
    assert.match(said(), /^HTTP\/1\.1 408 /);
  });

  it('sends what is written piece by piece in chunks', async () => {
    const socket = await serve((_request, response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      response.write('');
      response.write(Buffer.from('data: \u00e9\n\n'));
      response.end('data: 2\n\n');
      return true;
    });
    const said = textOf(socket);
    socket.write(post('1'));
    await eventually(() => said().endsWith('0\r\n\r\n'));
    assert.match(said(), /\r\ntransfer-encoding: chunked\r\n/);
    assert.doesNotMatch(said(), /content-length/);
    const [, chunks] = said().split(/\r\n\r\n(.*)/s);
    assert.equal(chunks, 'a\r\ndata: \u00c3\u00a9\n\n\r\n9\r\ndata: 2\n\n\r\n0\r\n\r\n');
  });

  it('tells who works on a request that the client has gone', async () => {
    let response: FastResponse | undefined;
    let closed = 0;
    const socket = await serve((_request, made) => {
      response = made.on('close', () => (closed += 1));
      return true;
    });
    socket.write(post('1'));
    await eventually(() => response !== undefined);
    socket.destroy();
    await eventually(() => closed === 1);
    assert.equal(response?.destroyed, true);
    response.end('too late');
    assert.equal(closed, 1);
  });

  it('takes nothing after an answer that closes it', async () => {
    let taken = 0;
    const socket = await serve((_request, response) => {
      taken += 1;
      response.writeHead(413, { connection: 'close' }).end(Buffer.alloc(10_000_000, 'x'));
      return true;
    });
    socket.write(post('1'));
    // The answer is larger than what the system holds: the connection is still there when more comes.
    await eventually(() => taken === 1);
    socket.write(post('2'));
    const said = textOf(socket);
    await once(socket, 'close');
    assert.match(said().slice(0, 200), /^HTTP\/1\.1 413 .*\r\nconnection: close\r\n.*\r\n\r\nx/s);
    assert.ok(said().length > 10_000_000);
    assert.equal(taken, 1);
  });

  it('reads nothing more while a request is under way', async () => {
    let response: FastResponse | undefined;
    const socket = await serve((_request, made) => {
      response = made;
      return true;
    });
    socket.write(post('1'));
    await eventually(() => response !== undefined);
    // More than what the two systems hold: it is gone from here only when the other side reads it.
    for (let i = 0; i < 24; i += 1) socket.write(Buffer.alloc(1_000_000, 'x'));
    const { socket: other } = response ?? {};
    await eventually(() => other?.isPaused() === true || socket.writableLength === 0);
    assert.equal(other?.isPaused(), true);
  });

  it('asks no more of a client that does not read its answers', async () => {
    const megabyte = Buffer.alloc(1_000_000, 'x');
    let most = 0;
    let taken = 0;
    const socket = await serve((_request, response) => {
      most = Math.max(most, response.writableLength);
      taken += 1;
      response.writeHead(200).end(megabyte);
      return true;
    });
    socket.pause();
    socket.write(post('1').repeat(40));
    await eventually(() => taken > 0);
    let received = 0;
    socket.on('data', (chunk) => (received += chunk.length)).resume();
    await eventually(() => received > 40 * megabyte.length);
    assert.equal(taken, 40);
    assert.equal(most, 0);
  });
});
