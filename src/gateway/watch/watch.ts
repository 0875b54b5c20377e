import type { GatewayAddress } from '../address';
import type { GatewayNews, Kind } from '../kind';
import { untilAborted } from '../../platform/abortable';
import { deadline } from '../../platform/deadline';
import { AppError, messageOf } from '../../platform/errors';
import { isSettled, type Finding, type GatewayState } from './state';
import { GatewayStore } from './store';
import { step } from '../../platform/next-step';

/** What a look at a container or process showed. */
export interface Look {
  finding: Finding;
  /** Where it should answer; absent while it does not run. */
  address?: GatewayAddress;
  /** Names one run of its program: another value means that it was started anew. */
  run?: string;
}

/** A gateway as something that can be looked at, and that tells when another look is worth it. */
export interface Subject {
  /** How its answers are asked for. */
  readonly kind: Pick<Kind, 'health' | 'events'>;
  /** Never rejects for a gateway that is broken: that is the finding. */
  look(signal: AbortSignal): Promise<Look>;
  /** Yields when the container or process may have changed. May end or throw: it is opened again, with a pause. */
  changes(signal: AbortSignal): AsyncIterable<unknown>;
}

const shortestPauseMs = 200;
const longestPauseMs = 15_000;

/**
 * Keeps the state of a gateway in the store up to date until the signal aborts: by the engine's events, by the gateway's
 * own event stream, and by asking again with growing pauses only while nothing answers.
 */
export async function watchGateway(
  subject: Subject,
  store: GatewayStore,
  id: string,
  signal: AbortSignal,
): Promise<void> {
  const bell = new Bell();
  const background = ringOnChanges(subject, bell, signal);
  const tell = (finding: Finding): void => store.dispatch(id, { ...finding, at: new Date().toISOString() });
  let run: string | undefined;
  let pause = shortestPauseMs;
  while (!signal.aborted) {
    bell.silence();
    const look = await lookSafely(subject, signal);
    if (isAborted(signal)) break;
    const { finding } = look;
    const again = finding.type === 'running' && run !== undefined && look.run !== run;
    tell(again ? { ...finding, type: 'restarted' } : finding);
    run = look.run ?? run;
    const answered =
      look.address && !bell.rung ? await visit(subject.kind, look.address, tell, bell, signal) : false;
    if (answered || again) pause = shortestPauseMs;
    await bell.wait(finding.type === 'running' ? pause : longestPauseMs, signal);
    pause = Math.min(pause * 1.6, longestPauseMs);
  }
  await background;
}

/** The state after at most `timeoutMs`: as soon as nothing more is on its way. */
export async function settle(
  subject: Subject,
  options: { timeoutMs: number; signal: AbortSignal; onState?: (state: GatewayState) => void },
): Promise<GatewayState> {
  const store = new GatewayStore();
  const limit = deadline([options.signal], options.timeoutMs);
  const subscription = store.onChange(({ state }) => state && options.onState?.(state));
  const watching = watchGateway(subject, store, '', limit.signal);
  const state = (await store.until('', isSettled, limit.signal)) ?? store.get('');
  limit.end();
  await watching;
  subscription.dispose();
  options.signal.throwIfAborted();
  if (state) return state;
  throw new AppError(
    'timeout',
    `The status of the gateway could not be read within ${options.timeoutMs / 1000} s.`,
    {
      next: 'Check that the container engine answers: docker info',
    },
  );
}

/** The subject, its program counted as started at this time of our clock: the engine's may be another. */
export function startedAt(subject: Subject, startedAt: string): Subject {
  return {
    ...subject,
    look: async (signal) => {
      const look = await subject.look(signal);
      return look.finding.type === 'running' ? { ...look, finding: { ...look.finding, startedAt } } : look;
    },
  };
}

async function lookSafely(subject: Subject, signal: AbortSignal): Promise<Look> {
  try {
    return await untilAborted(subject.look(signal), signal);
  } catch (error) {
    const next = error instanceof AppError ? error.next : undefined;
    const finding = { type: 'silent' as const, url: null, reason: messageOf(error) };
    return { finding: { ...finding, next: next ?? step('Look at the status again.', 'status') } };
  }
}

/** Asks for the health and, where the gateway answers, follows its events until they end. Whether it answered. */
async function visit(
  kind: Subject['kind'],
  address: GatewayAddress,
  tell: (finding: Finding) => void,
  bell: Bell,
  signal: AbortSignal,
): Promise<boolean> {
  const finding = await kind.health(address, signal);
  if (signal.aborted) return false;
  tell(finding);
  if (finding.type !== 'answered') return false;
  const news = kind.events?.(address);
  if (!news) return true;
  const left = deadline([signal, bell.signal]);
  let ready = finding.ready;
  try {
    for await (const event of news.events(left.signal)) {
      tell(findingOf(event, finding.url, ready));
      if (ready || !mayBeReady(event)) continue;
      const again = await kind.health(address, left.signal);
      if (left.signal.aborted) break;
      tell(again);
      ready = again.type === 'answered' && again.ready;
    }
  } catch {
    // The stream broke: the caller looks again and finds out why.
  } finally {
    left.dispose();
  }
  return true;
}

/**
 * A server that stopped starting may have been the last one that `/ready` waited for; it may also have done so between
 * the look and the first event, which tells all servers.
 */
function mayBeReady(event: GatewayNews): boolean {
  if (event.type === 'servers') return event.document.servers.every(({ state }) => state !== 'starting');
  return event.type === 'server' && event.server.state !== 'starting';
}

/** The whole document replaces what was known: a server that is no longer in it is gone. */
function findingOf(event: GatewayNews, url: string, ready: boolean): Finding {
  if (event.type === 'server') return { type: 'server', server: event.server };
  if (event.type === 'gateway') return { type: 'about', gateway: event.gateway };
  return { type: 'answered', url, ready, ...event.document };
}

async function ringOnChanges(subject: Subject, bell: Bell, signal: AbortSignal): Promise<void> {
  for (let pause = shortestPauseMs; !signal.aborted; pause = Math.min(pause * 2, longestPauseMs)) {
    try {
      const changes = subject.changes(signal)[Symbol.asyncIterator]();
      while ((await untilAborted(changes.next(), signal)).done !== true) {
        pause = shortestPauseMs;
        bell.ring();
      }
    } catch {
      // The engine went away: the next look says so.
      bell.ring();
    }
    await new Bell().wait(pause, signal);
  }
}

function isAborted(signal: AbortSignal): boolean {
  return signal.aborted;
}

/** Something happened: whoever waits stops waiting. */
class Bell {
  #controller = new AbortController();

  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  get rung(): boolean {
    return this.signal.aborted;
  }

  ring(): void {
    this.#controller.abort();
  }

  silence(): void {
    if (this.rung) this.#controller = new AbortController();
  }

  /** Resolves when it rings, when the signal aborts, or after this many milliseconds. */
  async wait(timeoutMs: number, signal: AbortSignal): Promise<void> {
    if (this.rung || signal.aborted) return;
    await new Promise<void>((resolve) => {
      const ends = [this.signal, signal];
      const done = (): void => {
        clearTimeout(timer);
        for (const end of ends) end.removeEventListener('abort', done);
        resolve();
      };
      const timer = setTimeout(done, timeoutMs);
      for (const end of ends) end.addEventListener('abort', done, { once: true });
    });
  }
}
