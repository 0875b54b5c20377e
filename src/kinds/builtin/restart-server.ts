import { deadline } from '../../platform/deadline';
import { AppError } from '../../platform/errors';
import type { EventsPart } from '../../gateway/kind';
import type { ServerReport } from '../../servers/api-types';
import { step } from '../../platform/next-step';

const settleMs = 60_000;

/** What restarting a server needs of the gateway. */
interface RestartingApi extends EventsPart {
  /** Asks for the restart; the answer comes before the server is up. */
  requestRestart(name: string, signal?: AbortSignal): Promise<unknown>;
}

/** Restarts one server and waits until it is up, or has failed. Throws `timeout` when it is neither after a minute. */
export async function restartServer(
  api: RestartingApi,
  name: string,
  signal: AbortSignal,
): Promise<ServerReport> {
  const limit = deadline([signal], settleMs);
  try {
    const server = await settledServer(api, name, limit.signal);
    if (server) return server;
  } finally {
    limit.dispose();
  }
  signal.throwIfAborted();
  throw new AppError('timeout', `The server "${name}" did not start within ${settleMs / 1000} s.`, {
    next: step("Look at the server's log.", 'logs', name),
  });
}

async function settledServer(
  api: RestartingApi,
  name: string,
  signal: AbortSignal,
): Promise<ServerReport | undefined> {
  let asked = false;
  let under = false;
  for await (const event of api.events(signal)) {
    // The first event says that the stream is open: nothing of what follows is missed.
    if (!asked) await api.requestRestart(name, signal);
    asked = true;
    if (event.type !== 'server' || event.server.name !== name) continue;
    if (event.server.state === 'starting' || event.server.state === 'stopped') under = true;
    else if (under) return event.server;
  }
  return undefined;
}
