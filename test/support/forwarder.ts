import { once } from 'node:events';
import { connect, createServer, type NetConnectOpts, type Socket } from 'node:net';

/** A way to another server, so that who takes it can be counted. */
export interface Forwarder {
  /** The port on loopback; 0 where it listens on a socket file. */
  port: number;
  /** How many connections are open. */
  open(): number;
  stop(): Promise<void>;
}

/** Passes connections on to a server, from a free port of loopback or from a socket file. */
export async function forward(to: NetConnectOpts, socketFile?: string): Promise<Forwarder> {
  const near = new Set<Socket>();
  const server = createServer((from) => {
    const far = connect(to);
    near.add(from);
    from.on('error', () => far.destroy()).on('close', () => near.delete(from) && far.destroy());
    far.on('error', () => from.destroy()).on('close', () => from.destroy());
    from.pipe(far).pipe(from);
  });
  if (socketFile === undefined) server.listen(0, '127.0.0.1');
  else server.listen(socketFile);
  await once(server, 'listening');
  const address = server.address();
  return {
    port: typeof address === 'object' && address !== null ? address.port : 0,
    open: () => near.size,
    stop: async () => {
      for (const socket of near) socket.destroy();
      server.close();
      await once(server, 'close');
    },
  };
}
