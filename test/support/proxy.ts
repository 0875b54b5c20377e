import { once } from 'node:events';
import http from 'node:http';
import net, { type AddressInfo } from 'node:net';

/** An HTTP proxy that takes every name for this machine, and keeps what it was asked for and with which credentials. */
export class TestProxy {
  readonly asked: { line: string; credentials: string | undefined }[] = [];
  readonly #server = http.createServer((request, response) => {
    const target = new URL(request.url ?? '');
    this.#note(`${request.method} ${target.href}`, request);
    const { method, headers } = request;
    const onward = http.request(
      { host: '127.0.0.1', port: target.port, path: target.pathname + target.search, method, headers },
      (answer) => void answer.pipe(response.writeHead(answer.statusCode ?? 502, answer.headers)),
    );
    onward.on('error', () => response.destroy());
    request.pipe(onward);
  });

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  async start(): Promise<this> {
    this.#server.on('connect', (request: http.IncomingMessage, socket: net.Socket) => {
      this.#note(`CONNECT ${request.url}`, request);
      const onward = net.connect(Number(request.url?.split(':')[1]), '127.0.0.1', () => {
        socket.write('HTTP/1.1 200 Connection established\r\n\r\n');
        onward.pipe(socket).pipe(onward);
      });
      onward.on('error', () => socket.destroy());
      socket.on('error', () => onward.destroy());
    });
    this.#server.listen(0, '127.0.0.1');
    await once(this.#server, 'listening');
    return this;
  }

  stop(): void {
    this.#server.closeAllConnections();
    this.#server.close();
  }

  #note(line: string, request: http.IncomingMessage): void {
    this.asked.push({ line, credentials: request.headers['proxy-authorization'] });
  }
}
