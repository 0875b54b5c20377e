import http from 'node:http';
import type { Duplex } from 'node:stream';
import type { Socket } from 'node:net';
import type { GatewaySettings } from '../../servers/gateway-settings';
import { systemCode } from '../../platform/errors';
import { FastConnection, lookEveryMs, type FastPathHost } from './fast-path/connection';
import { httpFaults } from './problem-codes';
import type { HttpProblem } from './respond';

type Limits = Pick<GatewaySettings['limits'], 'connections' | 'headerSeconds' | 'bodySeconds'>;

/** So long a connection without a request stays open for the next one. */
const keepAliveMs = 65_000;
/** A peer that is gone without a word is asked for after this time. */
const probeAfterMs = 60_000;
/** So many connections beyond the limit are told why they are refused; more are closed without a word. */
const answeredBeyondLimit = 100;

/**
 * The connections of an HTTP server: bounded in number, closed when a request does not arrive in time. What a client
 * receives may take as long as it needs. Limits apply as they are when a connection is made.
 *
 * Each begins on the fast path. Node's own listener for new connections is taken off the server, and called for those that
 * are handed over to it.
 */
export class Connections {
  readonly server: http.Server;
  readonly #tooMany = new WeakSet<Socket>();
  readonly #fast = new Set<FastConnection>();
  readonly #fastPath: FastPathHost;
  readonly #looks = setInterval(() => this.#look(), lookEveryMs).unref();
  #open = 0;
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
    return this.#open;
  }

  /** How many connections were refused since the start. */
  get refused(): number {
    return this.#refused;
  }

  /** Ends them all; resolves when the server does not listen any more. */
  async close(): Promise<void> {
    clearInterval(this.#looks);
    await new Promise<void>((resolve) => {
      this.server.close(() => resolve());
      this.server.closeAllConnections();
      for (const { socket } of this.#fast) socket.destroy();
    });
  }

  /** Why a request on this connection is refused. */
  problemOf({ socket }: http.IncomingMessage): HttpProblem | undefined {
    if (!this.#tooMany.has(socket)) return undefined;
    return {
      status: 503,
      code: 'connections',
      message: `the gateway has ${this.limits().connections} connections already, which is the limit`,
      next: 'Close clients that are not needed, or raise gateway.limits.connections in servers.json.',
    };
  }

  #connected(socket: Socket): void {
    this.#take();
    this.#open += 1;
    socket.on('close', () => (this.#open -= 1));
    if (this.#open <= this.limits().connections) {
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
    message: 'the request did not arrive in time',
    next: 'Send it faster, or raise gateway.limits.headerSeconds or bodySeconds in servers.json.',
  },
  HPE_HEADER_OVERFLOW: {
    status: httpFaults.largeHead.status,
    message: 'the head of the request is larger than 16384 bytes',
    next: 'Send fewer or shorter header fields.',
  },
};

/** Answers what is no HTTP request, and ends its connection. */
function refuse(error: Error, socket: Duplex): void {
  if (!socket.writable) {
    socket.destroy();
    return;
  }
  const { status, message, next } = answers[systemCode(error) ?? ''] ?? {
    status: httpFaults.malformed.status,
    message: 'this is not an HTTP request',
    next: 'The gateway speaks HTTP/1.1.',
  };
  const body = JSON.stringify({ error: { code: 'http', message, next } });
  const head = `HTTP/1.1 ${status}\r\nconnection: close\r\ncontent-type: application/json\r\ncontent-length: ${Buffer.byteLength(body)}`;
  socket.end(`${head}\r\n\r\n${body}`, () => socket.destroy());
}
