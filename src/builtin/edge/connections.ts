import http from 'node:http';
import type { Duplex } from 'node:stream';
import type { Socket } from 'node:net';
import type { GatewaySettings } from '../../servers/gateway-settings';
import { systemCode } from '../../platform/errors';
import { FastConnection, lookEveryMs, type FastPathHost } from './fast-path/connection';
import { httpFaults } from './problem-codes';
import type { HttpProblem } from './respond';

type Limits = Pick<GatewaySettings['limits'], 'connections' | 'headerSeconds' | 'bodySeconds'>;

/** How long an idle connection stays open for the next request. */
const keepAliveMs = 65_000;
/** The delay of the TCP keep-alive probe, which finds peers that disappeared. */
const probeAfterMs = 60_000;
/** How long a client may take to read the last answers when the gateway stops. */
const flushMs = 500;
/** This many connections beyond the limit get an error response. Further ones are closed without a response. */
const answeredBeyondLimit = 100;

/**
 * The connections of an HTTP server. Their number is limited, and a connection is closed when a request does not arrive in
 * time. Responses have no time limit. A changed limit applies to new connections.
 *
 * Each connection starts on the fast path. Node's own `connection` listener is removed from the server, and called for the
 * connections that are handed over to it.
 */
export class Connections {
  readonly server: http.Server;
  readonly #tooMany = new WeakSet<Socket>();
  readonly #fast = new Set<FastConnection>();
  readonly #fastPath: FastPathHost;
  readonly #looks = setInterval(() => this.#look(), lookEveryMs).unref();
  readonly #sockets = new Set<Socket>();
  #ended: Promise<void> | undefined;
  #refused = 0;

  constructor(
    readonly limits: () => Limits,
    listener: http.RequestListener,
    handleFast: FastPathHost['handle'],
  ) {
    this.server = http.createServer(
      {
        connectionsCheckingInterval: lookEveryMs,
        keepAliveTimeout: keepAliveMs,
        keepAlive: true,
        keepAliveInitialDelay: probeAfterMs,
        maxHeaderSize: 16_384,
      },
      listener,
    );
    this.#take();
    const { server } = this;
    const [...nodes] = server.listeners('connection');
    server.removeAllListeners('connection').on('connection', (socket) => this.#connected(socket));
    this.#fastPath = {
      keepAliveMs,
      handle: handleFast,
      handOver: (socket) => {
        for (const listen of nodes) listen.call(server, socket);
      },
      left: (connection) => void this.#fast.delete(connection),
    };
    this.server.on('drop', () => (this.#refused += 1));
    this.server.on('clientError', refuse);
  }

  get open(): number {
    return this.#sockets.size;
  }

  /** The number of refused connections since the start. */
  get refused(): number {
    return this.#refused;
  }

  /** Accepts no more connections. Those that are open stay. */
  stopAccepting(): void {
    this.#ended ??= new Promise((resolve) => this.server.close(() => resolve()));
  }

  /** Closes all connections, after what was written to them was sent. */
  async close(): Promise<void> {
    clearInterval(this.#looks);
    this.stopAccepting();
    for (const socket of this.#sockets) socket.destroySoon();
    const late = setTimeout(() => {
      for (const socket of this.#sockets) socket.destroy();
    }, flushMs);
    await this.#ended;
    clearTimeout(late);
  }

  /** Why a request on this connection is refused. `undefined` when it is not. */
  problemOf({ socket }: http.IncomingMessage): HttpProblem | undefined {
    if (!this.#tooMany.has(socket)) return undefined;
    return {
      status: 503,
      code: 'connections',
      message: `The gateway already has ${this.limits().connections} connections, which is the limit.`,
      next: 'Close clients that are not needed, or raise gateway.limits.connections in servers.json.',
    };
  }

  #connected(socket: Socket): void {
    this.#take();
    this.#sockets.add(socket);
    socket.on('close', () => this.#sockets.delete(socket));
    if (this.#sockets.size <= this.limits().connections) {
      this.#fast.add(new FastConnection(socket, this.#fastPath));
      return;
    }
    this.#tooMany.add(socket);
    this.#refused += 1;
    this.#fastPath.handOver(socket);
  }

  #look(): void {
    for (const connection of this.#fast) connection.look();
  }

  #take(): void {
    const { connections, headerSeconds, bodySeconds } = this.limits();
    this.server.maxConnections = connections + answeredBeyondLimit;
    this.server.headersTimeout = headerSeconds * 1000;
    this.server.requestTimeout = Math.max(headerSeconds, bodySeconds) * 1000;
  }
}

const answers: Readonly<Record<string, { status: string; message: string; next: string }>> = {
  ERR_HTTP_REQUEST_TIMEOUT: {
    status: httpFaults.slow.status,
    message: 'The request did not arrive in time.',
    next: 'Send it faster, or raise gateway.limits.headerSeconds or bodySeconds in servers.json.',
  },
  HPE_HEADER_OVERFLOW: {
    status: httpFaults.largeHead.status,
    message: 'The headers of the request are larger than 16384 bytes.',
    next: 'Send fewer or shorter headers.',
  },
};

/** Answers data that is not a valid HTTP request, and closes the connection. */
function refuse(error: Error, socket: Duplex): void {
  if (!socket.writable) {
    socket.destroy();
    return;
  }
  const { status, message, next } = answers[systemCode(error) ?? ''] ?? {
    status: httpFaults.malformed.status,
    message: 'This is not an HTTP request.',
    next: 'Use HTTP/1.1.',
  };
  const body = JSON.stringify({ error: { code: 'http', message, next } });
  const head = `HTTP/1.1 ${status}\r\nconnection: close\r\ncontent-type: application/json\r\ncontent-length: ${Buffer.byteLength(body)}`;
  socket.end(`${head}\r\n\r\n${body}`, () => socket.destroy());
}
