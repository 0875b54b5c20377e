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
 * The connections of an HTTP server. Their number is limited: beyond it, the oldest connection on which no valid token has
 * come gives way, and otherwise the new one is refused. A connection is closed when a request does not arrive in time. Responses have no time limit. A changed limit applies to new connections.
 *
 * Each connection starts on the fast path. Node's own `connection` listener is removed from the server, and called for the
 * connections that are handed over to it.
 */
export class Connections {
  readonly server: http.Server;
  readonly #tooMany = new Set<Socket>();
  readonly #fast = new Set<FastConnection>();
  readonly #fastPath: FastPathHost;
  readonly #looks = setInterval(() => this.#look(), lookEveryMs).unref();
  readonly #sockets = new Set<Socket>();
  /** The connections on which no valid token has come yet, oldest first. */
  readonly #unproven = new Set<Socket>();
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
    const all = [...this.#sockets, ...this.#tooMany];
    for (const socket of all) socket.destroySoon();
    const late = setTimeout(() => {
      for (const socket of all) socket.destroy();
    }, flushMs);
    await this.#ended;
    clearTimeout(late);
  }

  /** A request on this connection had a valid token. From now on the connection gives way to no other. */
  prove(socket: Socket | null): void {
    if (socket) this.#unproven.delete(socket);
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
    const { connections } = this.limits();
    socket.on('close', () => this.#forget(socket));
    if (this.#sockets.size >= connections) this.#makeRoom();
    if (this.#sockets.size < connections) {
      this.#sockets.add(socket);
      this.#unproven.add(socket);
      this.#fast.add(new FastConnection(socket, this.#fastPath));
      return;
    }
    this.#refused += 1;
    if (this.#tooMany.size >= answeredBeyondLimit) {
      socket.destroy();
      return;
    }
    this.#tooMany.add(socket);
    this.#fastPath.handOver(socket);
  }

  /** The oldest connection without a token gives way, so that half-sent heads do not shut out who has a token. */
  #makeRoom(): void {
    const [oldest] = this.#unproven;
    if (!oldest) return;
    this.#forget(oldest);
    this.#refused += 1;
    if (oldest.bytesWritten > 0) oldest.destroy();
    else turnAway(oldest, this.limits().connections);
  }

  #forget(socket: Socket): void {
    this.#sockets.delete(socket);
    this.#unproven.delete(socket);
    this.#tooMany.delete(socket);
  }

  #look(): void {
    for (const connection of this.#fast) connection.look();
  }

  #take(): void {
    const { connections, headerSeconds, bodySeconds } = this.limits();
    // A connection that gives way is still open for a moment.
    this.server.maxConnections = 2 * connections + answeredBeyondLimit;
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

/** Closes a connection that gives way to another, with the reason if the client has not sent a request yet. */
function turnAway(socket: Socket, limit: number): void {
  const body = JSON.stringify({
    error: {
      code: 'connections',
      message: `The gateway already has ${limit} connections, which is the limit, and this one has shown no token.`,
      next: 'Send the whole request with its token, or raise gateway.limits.connections in servers.json.',
    },
  });
  const head = `HTTP/1.1 503 Service Unavailable\r\nconnection: close\r\ncontent-type: application/json\r\ncontent-length: ${Buffer.byteLength(body)}`;
  socket.write(`${head}\r\n\r\n${body}`);
  socket.destroySoon();
}

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
