import type { UpstreamServer } from '../upstream/server/server';

/** The shortest time between checks, so that an idle gateway does not wake up often. */
const leastMs = 1000;

/** Stops servers that were not used for their `idleSeconds`. The next call starts them again. */
export class IdleMonitor {
  #timer: NodeJS.Timeout | undefined;

  constructor(readonly servers: () => Iterable<UpstreamServer>) {}

  /** Checks every server, and schedules the next check for when the next server may be due. */
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
 * The milliseconds until the server may be stopped; `undefined` when never. A server that starts on first use, and was
 * started only to read its lists, is stopped at once.
 */
function sleepIn(server: UpstreamServer, now: number): number | undefined {
  const { start, idleSeconds } = server.definition;
  if (server.state !== 'ready') return undefined;
  if (start === 'on-first-use' && !server.used && !server.busy) return 0;
  if (idleSeconds === undefined) return undefined;
  return server.busy ? idleSeconds * 1000 : server.lastUsed + idleSeconds * 1000 - now;
}
