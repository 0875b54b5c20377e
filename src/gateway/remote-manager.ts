import { partOf, type Kind } from './kind';
import type { GatewayAddress } from './address';
import { deadline } from '../platform/deadline';
import { AppError } from '../platform/errors';
import type { GatewayManager, GatewayOverview, LogsOptions, WorkOptions } from './manager';
import type { ServerReport } from '../servers/api-types';
import { isAnswering } from './watch/state';
import { GatewayStore } from './watch/store';
import { settle, watchGateway, type Subject } from './watch/watch';
import { stepElsewhere, type StepVerb } from '../platform/next-step';

/** Longer than one request to a gateway that hangs. */
const statusMs = 7000;
const restartMs = 60_000;

/** A gateway that is known by its address alone: from inside the dev container, where there is no engine, or by `--url`. */
export class RemoteManager implements GatewayManager {
  readonly subject: Subject;

  constructor(
    readonly target: GatewayAddress,
    readonly kind: Kind,
  ) {
    this.subject = {
      kind,
      look: () =>
        Promise.resolve({
          finding: { type: 'running', url: target.url.href, startedAt: null },
          address: target,
          run: '',
        }),
      changes: never,
    };
  }

  async status(signal: AbortSignal): Promise<GatewayOverview> {
    const state = await settle(this.subject, { timeoutMs: statusMs, signal });
    return { placement: { kind: 'remote', source: this.target.source }, state, notes: [] };
  }

  up(): Promise<never> {
    return Promise.reject(elsewhere('started', 'up', this.target));
  }

  down(): Promise<never> {
    return Promise.reject(elsewhere('stopped', 'down', this.target));
  }

  /** Its program ends, and whoever supervises it (the restart policy of the sidecar) brings it back. */
  async restart({ signal, progress }: WorkOptions): Promise<GatewayOverview> {
    const { gateway: before } = await partOf(this.kind, 'servers')(this.target).servers(signal);
    await partOf(this.kind, 'lifecycle')(this.target).restart(signal);
    progress('The gateway is stopping. Waiting for it to come back.');
    const store = new GatewayStore();
    const limit = deadline([signal], restartMs);
    const watching = watchGateway(this.subject, store, '', limit.signal);
    const back = await store.until(
      '',
      (state) => isAnswering(state) && state.gateway.startedAt !== before.startedAt,
      limit.signal,
    );
    limit.end();
    await watching;
    signal.throwIfAborted();
    if (back) return { placement: { kind: 'remote', source: this.target.source }, state: back, notes: [] };
    throw new AppError('timeout', `The gateway at ${this.target.url.href} stopped and did not come back.`, {
      next: stepElsewhere('Start the gateway on the machine that runs it.', 'up'),
    });
  }

  async restartServer(name: string, signal: AbortSignal): Promise<ServerReport> {
    return await partOf(this.kind, 'lifecycle')(this.target).restartServer(name, signal);
  }

  async *logs(server = 'gateway', { follow, tail, signal }: LogsOptions): AsyncGenerator<string> {
    const api = partOf(this.kind, 'logs')(this.target);
    yield* follow ? api.followLog(server, tail, signal) : await api.log(server, tail, signal);
  }

  address(): Promise<GatewayAddress> {
    return Promise.resolve(this.target);
  }

  adminToken(): Promise<undefined> {
    return Promise.resolve(undefined);
  }
}

function elsewhere(done: string, verb: StepVerb, target: GatewayAddress): AppError {
  return new AppError(
    'no-engine',
    `The gateway at ${target.url.href} (${target.source}) cannot be ${done} from here.`,
    {
      next: stepElsewhere(
        'Run this command on the machine that has the container engine, in the folder of the workspace.',
        verb,
      ),
    },
  );
}

/** Nothing but its own answers tells of changes. */
async function* never(signal: AbortSignal): AsyncGenerator<undefined> {
  if (!signal.aborted)
    await new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }));
  yield* [];
}
