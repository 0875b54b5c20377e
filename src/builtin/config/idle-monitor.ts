import type { UpstreamServer } from '../upstream/server/server';

/** Nobody minds a second; it keeps a gateway that has nothing to do from waking up often. */
const leastMs = 1000;

/** Stops the servers that nobody has needed for as long as their definition says; the next call starts them again. */
export class IdleMonitor {
  #timer: NodeJS.Timeout | undefined;

  constructor(readonly servers: () => Iterable<UpstreamServer>) {}

  /** Looks at every server, and again when the next one may be due. */
  check(): void {
    clearTimeout(this.#timer);
    const waits = [...this.servers()].flatMap((server) => {
      const left = sleepIn(server, Date.now());
      if (left !== undefined && left <= 0) void server.sleep();
      return left !== undefined && left > 0 ? [left] : [];
    });
    if (waits.length === 0) return;
    this.#timer = setTimeout(() => this.check(), Math.max(leastMs, Math.min(...waits))).unref();
  }

  dispose(): void {
    clearTimeout(this.#timer);
  }
}

/**
 * In how many milliseconds the server may sleep; `undefined` when never. One that is started on first use, and was only
 * started to learn what it offers, sleeps at once.
 */
function sleepIn(server: UpstreamServer, now: number): number | undefined {
  const { start, idleSeconds } = server.definition;
  if (server.state !== 'ready') return undefined;
  if (start === 'on-first-use' && !server.used && !server.busy) return 0;
  if (idleSeconds === undefined) return undefined;
  return server.busy ? idleSeconds * 1000 : server.lastUsed + idleSeconds * 1000 - now;
}
