import { setTimeout as delay } from 'node:timers/promises';
import type { Message } from '../../mcp-wire/envelope';
import type { BridgeConnection } from './connection';
import { eventsOf, StreamPosition } from './events';
import { DeliveryError, exchange } from '../http';
import { tryScan } from './message';

export interface FollowOptions {
  connection: BridgeConnection;
  /** Aborted when the connection is not in use any more. */
  signal: AbortSignal;
  /** The session was seen alive just now: a refusal of the stream then says nothing about the session. */
  trusted: boolean;
  forward: (message: Message) => Promise<void>;
  onLost: (error: unknown) => void;
}

const shortestPauseMs = 100;
const longestPauseMs = 10_000;

/** Keeps the server's own stream of a legacy session open (a GET) and relays what comes, until the connection is lost. */
export async function followStream(options: FollowOptions): Promise<void> {
  const position = new StreamPosition();
  let pause = shortestPauseMs;
  for (let first = true; !options.signal.aborted; first = false) {
    const opened = Date.now();
    const more = await once(options, position, first && options.trusted);
    if (!more) return;
    pause = Date.now() - opened > longestPauseMs ? shortestPauseMs : Math.min(pause * 2, longestPauseMs);
    await delay(position.retryMs ?? pause, undefined, { signal: options.signal }).catch(() => undefined);
  }
}

/** Reads one stream to its end. Whether it is worth to open another. */
async function once(options: FollowOptions, position: StreamPosition, trusted: boolean): Promise<boolean> {
  const { connection, signal } = options;
  try {
    const headers = connection.streamHeaders(position.lastEventId);
    const reply = await exchange({ url: connection.url, method: 'GET', headers, signal, fresh: true }).reply;
    if (reply.statusCode !== 200) {
      reply.resume();
      // 405: the server has nothing to say of its own. The others mean that the session or the token is gone.
      if (reply.statusCode === 405) return false;
      if ([400, 401, 404].includes(reply.statusCode ?? 0)) {
        if (!trusted)
          options.onLost(
            new Error(`it does not continue the session (HTTP status ${reply.statusCode ?? 0})`),
          );
        return false;
      }
      return true;
    }
    for await (const data of eventsOf(reply, position)) {
      const message = tryScan(data);
      if (message) await options.forward(message);
    }
    return true;
  } catch (error) {
    if (signal.aborted) return false;
    // A broken stream may be opened again; a refused connection may not, nor one that never answers.
    if (error instanceof DeliveryError) options.onLost(error);
    return !(error instanceof DeliveryError);
  }
}
