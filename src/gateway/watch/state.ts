import type { GatewayReport, ServerReport } from '../../servers/api-types';
import { step, stepOr, type NextStep } from '../../platform/next-step';
import { sentence } from '../../platform/sentence';

/** What happened, and what the person can do about it. */
export interface Trouble {
  reason: string;
  next: NextStep;
}

/** When a program was started (ISO); `null` where that is not known, as for one that is known by its address alone. */
interface Started {
  startedAt: string | null;
}

/** What a gateway that answers is known to have. */
interface Answering {
  url: string;
  gateway: GatewayReport;
  servers: readonly ServerReport[];
}

/**
 * The state of one gateway. `since` is the ISO time at which the status was entered.
 * - `absent`: never created, or removed · `stopped`: there, and not running by choice
 * - `creating`: being built or created · `starting`: runs, its servers have not settled yet
 * - `healthy`: answers, every enabled server is fine · `degraded`: answers, something behind it does not work
 * - `unhealthy`: answers, but not as our gateway should · `unreachable`: should answer and does not
 * - `failed`: could not start, or its program ended by itself
 */
export type GatewayState =
  | ({ status: 'absent'; since: string } & Trouble)
  | ({ status: 'stopped'; since: string } & Trouble)
  | { status: 'creating'; since: string; step: string }
  | ({ status: 'starting'; since: string; url: string | null; servers: readonly ServerReport[] } & Started)
  | ({ status: 'healthy'; since: string } & Answering)
  | ({ status: 'degraded'; since: string } & Answering & Trouble)
  | ({ status: 'unhealthy'; since: string; url: string } & Trouble)
  | ({ status: 'unreachable'; since: string; url: string | null } & Trouble)
  | ({ status: 'failed'; since: string; exitCode: number | null; log: readonly string[] } & Trouble);

export type GatewayStatus = GatewayState['status'];

/** Something that was seen of a gateway. */
export type Finding =
  | ({ type: 'missing' } & Trouble)
  | ({ type: 'stopped' } & Trouble)
  | { type: 'creating'; step: string }
  /** Its program runs; nothing is known of its answers yet. */
  | ({ type: 'running'; url: string | null } & Started)
  /** Its program was started anew: what was known of its answers is void. */
  | ({ type: 'restarted'; url: string | null } & Started)
  | ({ type: 'failed'; exitCode: number | null; log: readonly string[] } & Trouble)
  | ({ type: 'answered'; ready: boolean } & Answering)
  | { type: 'server'; server: ServerReport }
  | { type: 'about'; gateway: GatewayReport }
  /** It answers, but not as our gateway should. */
  | ({ type: 'unfit'; url: string } & Trouble)
  /** It does not answer. */
  | ({ type: 'silent'; url: string | null } & Trouble);

/** A finding with its time (ISO). */
export type GatewayEvent = { at: string } & Finding;

/** How long a program may take from its start to its first answer. */
export const startGraceMs = 20_000;

/**
 * The state after an event; `undefined` is the state of what was never looked at. Pure: an event that does not fit the
 * state leaves it as it is.
 */
export function reduce(state: GatewayState | undefined, event: GatewayEvent): GatewayState | undefined {
  const next = successor(state, event);
  if (!state || !next || next === state || event.type === 'restarted') return next;
  return next.status === state.status ? { ...next, since: state.since } : next;
}

function successor(state: GatewayState | undefined, event: GatewayEvent): GatewayState | undefined {
  const { at: since } = event;
  switch (event.type) {
    case 'missing':
      return { status: 'absent', since, reason: event.reason, next: event.next };
    case 'stopped':
      return { status: 'stopped', since, reason: event.reason, next: event.next };
    case 'creating':
      return { status: 'creating', since, step: event.step };
    case 'running':
      return state && isRunning(state) ? state : starting(event, since);
    case 'restarted':
      return starting(event, since);
    case 'failed': {
      const { exitCode, log, reason, next } = event;
      return { status: 'failed', since, exitCode, log, reason, next };
    }
    case 'answered':
      return answered(event, since);
    case 'server':
      return withServer(state, event.server, since);
    case 'about':
      return state && isAnswering(state) ? settled({ ...state, gateway: event.gateway }, since) : state;
    case 'unfit':
      return { status: 'unhealthy', since, url: event.url, reason: event.reason, next: event.next };
    case 'silent':
      return silent(state, event);
  }
}

function starting({ url, startedAt }: { url: string | null } & Started, since: string): GatewayState {
  return { status: 'starting', since, url, servers: [], startedAt };
}

function answered(event: Extract<GatewayEvent, { type: 'answered' }>, since: string): GatewayState {
  if (event.ready) return settled(event, since);
  const { url, servers, gateway } = event;
  return { status: 'starting', since, url, servers, startedAt: gateway.startedAt };
}

/** One server changed. A starting gateway stays so until it says that it is ready. */
function withServer(
  state: GatewayState | undefined,
  server: ServerReport,
  since: string,
): GatewayState | undefined {
  if (!state || (state.status !== 'starting' && !isAnswering(state))) return state;
  const known = state.servers.some(({ name }) => name === server.name);
  const servers = known
    ? state.servers.map((old) => (old.name === server.name ? server : old))
    : [...state.servers, server];
  return state.status === 'starting' ? { ...state, servers } : settled({ ...state, servers }, since);
}

function settled({ url, gateway, servers }: Answering, since: string): GatewayState {
  const trouble = troubleBehind(gateway, servers);
  return trouble
    ? { status: 'degraded', since, url, gateway, servers, ...trouble }
    : { status: 'healthy', since, url, gateway, servers };
}

/** What does not work behind a gateway that answers; `undefined` when all is well. */
function troubleBehind(gateway: GatewayReport, servers: readonly ServerReport[]): Trouble | undefined {
  if (gateway.problem) {
    return {
      reason: gateway.problem.message,
      next: stepOr(gateway.problem.step, step('Correct the file, then restart the gateway.', 'restart')),
    };
  }
  const failed = servers.filter(({ enabled, state }) => enabled && state === 'failed');
  const [first] = failed;
  if (!first) return undefined;
  const names = failed.map(({ name }) => name).join(', ');
  return {
    reason: sentence(
      `${failed.length} of ${servers.length} servers failed (${names}): ${first.error?.message ?? 'no reason given'}`,
    ),
    next: stepOr(first.error?.step, step("Look at the server's log.", 'logs', first.name)),
  };
}

/** What the engine knows (stopped, failed) outweighs silence, which follows from it; a fresh start may be silent. */
function silent(
  state: GatewayState | undefined,
  event: Extract<GatewayEvent, { type: 'silent' }>,
): GatewayState {
  const { at: since, url, reason, next } = event;
  if (state?.status === 'starting' && isFresh(state.startedAt, since)) return state;
  if (state && ['absent', 'stopped', 'creating', 'failed'].includes(state.status)) return state;
  return { status: 'unreachable', since, url, reason, next };
}

/** Whether a program may still be silent. */
export function isFresh(startedAt: string | null, at: string): boolean {
  return startedAt !== null && Math.abs(Date.parse(at) - Date.parse(startedAt)) < startGraceMs;
}

/** Whether it answers as it should. */
export function isAnswering(
  state: GatewayState,
): state is Extract<GatewayState, { status: 'healthy' | 'degraded' }> {
  return state.status === 'healthy' || state.status === 'degraded';
}

/** Whether its program is known to run. */
function isRunning(state: GatewayState): boolean {
  return isAnswering(state) || ['starting', 'unhealthy', 'unreachable'].includes(state.status);
}

/** Whether nothing more is on its way: waiting longer would not change the state by itself. */
export function isSettled(state: GatewayState): boolean {
  return state.status !== 'creating' && state.status !== 'starting';
}
