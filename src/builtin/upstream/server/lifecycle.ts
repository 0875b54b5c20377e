import type { CancelSignal } from '../../../platform/cancel-signal';
import { Emitter } from '../../../platform/disposable';
import { AppError, messageOf } from '../../../platform/errors';
import type { LogBuffer } from '../../logs/buffer';
import type { ServerState } from './handle';
import { type NextStep, step } from '../../../platform/next-step';
import { type ApiProblem, nextFields } from '../../../servers/api-types';

const maximumRestarts = 5;
/** A server that stayed up this long has its restarts forgotten. */
const stableMs = 5 * 60_000;

/** The part of a server that a life consists of. */
export interface LifecycleWork {
  readonly name: string;
  readonly log: LogBuffer;
  /** Opens what is to be used. `onLost` tells that it is gone by itself. Rejects when it cannot be opened. */
  open(signal: AbortSignal, onLost: (reason: string) => void): Promise<void>;
  /** Gives up what is open; resolves when nothing of it is left. */
  close(reason: string): Promise<void>;
}

/** Starts, restarts, failures with growing pauses, and stops, of which any may overtake any other. */
export class Lifecycle {
  readonly #changed = new Emitter<void>();
  readonly onChanged = this.#changed.event;
  #state: ServerState;
  #error: ApiProblem | null = null;
  #startedAt: Date | undefined;
  #restarts = 0;
  /** Counts the starts, restarts, failures and stops: whoever finds another number was overtaken. */
  #generation = 0;
  #backOff: NodeJS.Timeout | undefined;
  #starting = new AbortController();
  /** Resolves when everything that was given up is gone. */
  #closing: Promise<unknown> = Promise.resolve();

  constructor(
    readonly work: LifecycleWork,
    enabled: boolean,
  ) {
    this.#state = enabled ? 'idle' : 'disabled';
  }

  get state(): ServerState {
    return this.#state;
  }

  get error(): ApiProblem | null {
    return this.#error;
  }

  get startedAt(): Date | undefined {
    return this.#startedAt;
  }

  get restarts(): number {
    return this.#restarts;
  }

  get settled(): boolean {
    return this.#state !== 'starting';
  }

  /** Starts what is not running. Never throws: a failure is its state. */
  async start(): Promise<void> {
    if (this.#state === 'idle' || this.#state === 'failed') await this.#begin(this.#nextGeneration());
  }

  /** Ends it and starts it again, from now on as one that is starting; its restart count begins anew. */
  async restart(reason: string): Promise<void> {
    if (this.#state === 'disabled' || this.#state === 'stopped') return;
    this.#restarts = 0;
    const generation = this.#nextGeneration();
    this.#set('starting', null);
    await this.#close(reason);
    if (generation === this.#generation) await this.#begin(generation);
  }

  /** Ends it, with the state that it is in from now on. */
  async stop(state: 'disabled' | 'idle' | 'stopped', reason: string): Promise<void> {
    this.#nextGeneration();
    this.#restarts = 0;
    if (this.#state !== 'disabled' || state === 'idle') this.#set(state, null);
    await this.#close(reason);
  }

  /** Resolves when it has settled, or when the signal aborts. */
  async whenSettled(signal: CancelSignal): Promise<void> {
    if (this.settled || signal.aborted) return;
    await new Promise<void>((resolve) => {
      const done = (): void => {
        if (!this.settled && !signal.aborted) return;
        subscription.dispose();
        signal.removeEventListener('abort', done);
        resolve();
      };
      const subscription = this.onChanged(done);
      signal.addEventListener('abort', done);
    });
  }

  /** Tells that something else about the server has changed. */
  notifyChanged(): void {
    this.#changed.fire();
  }

  /** Makes everything that is under way out of date. */
  #nextGeneration(): number {
    clearTimeout(this.#backOff);
    this.#starting.abort();
    this.#generation += 1;
    return this.#generation;
  }

  async #begin(generation: number): Promise<void> {
    this.#starting = new AbortController();
    this.#set('starting', null);
    try {
      await this.#closing;
      if (generation !== this.#generation) return;
      await this.work.open(this.#starting.signal, (reason) => {
        if (generation === this.#generation && this.#state === 'ready') void this.#fail(reason);
      });
      if (generation !== this.#generation) return;
      this.#startedAt = new Date();
      this.#set('ready', null);
    } catch (error) {
      if (generation !== this.#generation) return;
      await this.#fail(messageOf(error), error instanceof AppError ? error.next : undefined);
    }
  }

  /** `next`: what mends it, where the failure itself knows. */
  async #fail(reason: string, next?: NextStep): Promise<void> {
    const { name, log } = this.work;
    const stable = this.#startedAt !== undefined && Date.now() - this.#startedAt.getTime() > stableMs;
    if (stable) this.#restarts = 0;
    log.add(`[gateway] ${reason}`);
    const generation = this.#nextGeneration();
    const willRetry = this.#restarts < maximumRestarts;
    const delayMs = 1000 * 2 ** this.#restarts;
    const usual = willRetry
      ? step(`The gateway tries again in ${delayMs / 1000} s. Look at the server's log.`, 'logs', name)
      : step("Look at the server's log, correct servers.json, then start it again.", 'restart', name);
    // What a server says about its failure can quote what it was given.
    this.#set('failed', { message: log.redact(reason), ...nextFields(next ?? usual) });
    await this.#close(reason);
    if (!willRetry || generation !== this.#generation) return;
    this.#backOff = setTimeout(() => {
      this.#restarts += 1;
      void this.start();
    }, delayMs).unref();
  }

  /** Resolves when this and what was given up before is gone. */
  async #close(reason: string): Promise<void> {
    this.#startedAt = undefined;
    const closed = this.work
      .close(reason)
      .catch((error: unknown) => this.work.log.add(`[gateway] it may not have ended: ${messageOf(error)}`));
    this.#closing = Promise.all([this.#closing, closed]);
    await this.#closing;
  }

  #set(state: ServerState, error: ApiProblem | null): void {
    this.#state = state;
    this.#error = error;
    this.#changed.fire();
  }
}
