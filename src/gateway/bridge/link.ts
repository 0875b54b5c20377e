import { setTimeout as delay } from 'node:timers/promises';
import { deadline } from '../../platform/deadline';
import { AppError, messageOf, nextTextOf } from '../../platform/errors';
import { Emitter } from '../../platform/disposable';
import { probe } from '../resolve/probe';
import type { GatewayTarget } from '../resolve/target';
import { BridgeConnection } from './connection';
import { isAlive, type Handshake } from './handshake';
import { step } from '../../platform/next-step';
import { sentence } from '../../platform/sentence';

/** What became of the client's session when a connection was made. */
export type Continuity = 'new' | 'kept' | 'replaced';

export interface LinkOptions {
  /** Finds the gateway; asked again after each loss, because its address and token may have changed. */
  locate: () => Promise<GatewayTarget>;
  log: (line: string) => void;
  onConnected: (connection: BridgeConnection, continuity: Continuity) => void;
  signal: AbortSignal;
}

const firstDelayMs = 100;
const busyDelayMs = 1_000;
const idleDelayMs = 10_000;
const attemptMs = 15_000;
/** A wrong token may be about to be published; longer than this it is an answer. */
const unauthorizedMs = 3_000;

/** Keeps a connection to the gateway, whichever address it has at the moment. */
export class Link {
  handshake: Handshake | undefined;
  #current: BridgeConnection | undefined;
  #previous: BridgeConnection | undefined;
  #lastError: unknown;
  #told = '';
  #looking = false;
  #waiting = 0;
  #wake = new AbortController();
  readonly #attempted = new Emitter<undefined>();

  constructor(readonly options: LinkOptions) {}

  get current(): BridgeConnection | undefined {
    return this.#current;
  }

  /** Begins to look for the gateway, unless that is under way. */
  start(): void {
    if (this.#looking || this.#current || this.options.signal.aborted) return;
    this.#looking = true;
    void this.#look();
  }

  /** The connection, as soon as there is one. Rejects with the reason once `waitMs` have passed. */
  async ready(waitMs: number, signal: AbortSignal): Promise<BridgeConnection> {
    if (this.#current) return this.#current;
    this.start();
    this.#wake.abort();
    this.#waiting += 1;
    const began = Date.now();
    return await new Promise<BridgeConnection>((resolve, reject) => {
      const finish = (settle: () => void): void => {
        clearTimeout(timer);
        subscription.dispose();
        signal.removeEventListener('abort', onAbort);
        this.#waiting -= 1;
        settle();
      };
      const fail = (): void => finish(() => reject(this.#reason()));
      const onAbort = (): void => finish(() => reject(new AppError('cancelled', 'cancelled')));
      const timer = setTimeout(fail, Math.min(waitMs, 2 ** 31 - 1));
      const subscription = this.#attempted.event(() => {
        const connection = this.#current;
        if (connection) finish(() => resolve(connection));
        else if (isUnauthorized(this.#lastError) && Date.now() - began >= unauthorizedMs) fail();
      });
      signal.addEventListener('abort', onAbort);
      if (signal.aborted) onAbort();
    });
  }

  /** The connection failed. Only the first report about it counts. */
  lost(connection: BridgeConnection, error: unknown): void {
    if (connection !== this.#current) return;
    this.#current = undefined;
    this.#previous = connection;
    this.#lastError = error;
    this.#tell(
      `${sentence(`Lost the gateway at ${connection.url.href}: ${messageOf(error)}`)} Looking for it.`,
    );
    this.start();
  }

  /** Ends the client's session at the gateway. */
  async end(): Promise<void> {
    await (this.#current ?? this.#previous)?.end(2_000);
  }

  async #look(): Promise<void> {
    for (let pause = firstDelayMs; !this.options.signal.aborted; pause *= 2) {
      try {
        const { connection, continuity } = await this.#establish();
        this.#current = connection;
        this.#looking = false;
        this.#tell(`Connected to ${connection.url.href}.`);
        this.options.onConnected(connection, continuity);
        this.#attempted.fire(undefined);
        return;
      } catch (error) {
        this.#lastError = error;
        this.#tell(`${sentence(`Waiting for the gateway: ${messageOf(error)}`)}${nextStep(error)}`);
        this.#attempted.fire(undefined);
      }
      await this.#pause(Math.min(pause, this.#waiting > 0 ? busyDelayMs : idleDelayMs));
      if (this.#waiting > 0) pause = Math.min(pause, busyDelayMs);
    }
  }

  async #establish(): Promise<{ connection: BridgeConnection; continuity: Continuity }> {
    const target = await this.options.locate();
    const { token } = await probe(target, this.options.signal);
    const connection = new BridgeConnection(target.url, token);
    const { handshake } = this;
    if (!handshake) return { connection, continuity: 'new' };
    const limit = deadline([this.options.signal], attemptMs);
    try {
      return await this.#resume(handshake, connection, token, limit.signal);
    } finally {
      limit.dispose();
    }
  }

  /** Keeps the session where the gateway still knows it, and opens a new one otherwise. */
  async #resume(
    handshake: Handshake,
    connection: BridgeConnection,
    token: string | undefined,
    signal: AbortSignal,
  ): Promise<{ connection: BridgeConnection; continuity: Continuity }> {
    const previous = this.#previous;
    // Without an id nobody can tell whether it is the same gateway that answers.
    const resumable = previous?.session?.id !== undefined && previous.token === token;
    if (resumable && previous.url.href === connection.url.href) {
      connection.session = previous.session;
      if (await isAlive(connection, signal)) return { connection, continuity: 'kept' };
      connection.session = undefined;
    }
    await handshake.replay(connection, signal);
    return { connection, continuity: 'replaced' };
  }

  async #pause(ms: number): Promise<void> {
    this.#wake = new AbortController();
    // A request ends an idle pause; while requests wait already it must not, or this would be a busy loop.
    const wake =
      this.#waiting > 0 ? this.options.signal : AbortSignal.any([this.options.signal, this.#wake.signal]);
    await delay(ms, undefined, { signal: wake }).catch(() => undefined);
  }

  #reason(): AppError {
    if (this.#lastError instanceof AppError) return this.#lastError;
    return new AppError(
      'unreachable',
      sentence(`The gateway is not reachable: ${messageOf(this.#lastError ?? 'no answer')}`),
      {
        next: step('Start the gateway, or look at its status.', 'up'),
        cause: this.#lastError,
      },
    );
  }

  #tell(line: string): void {
    if (line === this.#told) return;
    this.#told = line;
    this.options.log(line);
  }
}

function isUnauthorized(error: unknown): boolean {
  return error instanceof AppError && (error.code === 'unauthorized' || error.code === 'refused');
}

function nextStep(error: unknown): string {
  const text = nextTextOf(error);
  return text === undefined ? '' : ` (${text})`;
}
