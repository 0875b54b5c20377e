import type { CancelSignal } from '../../../platform/cancel-signal';
import { Emitter } from '../../../platform/disposable';
import { AppError, messageOf } from '../../../platform/errors';
import { sentence } from '../../../platform/sentence';
import type { LogBuffer } from '../../logs/buffer';
import type { ServerState } from './handle';
import { type NextStep, step } from '../../../platform/next-step';
import { type ApiProblem, nextFields } from '../../../servers/api-types';

const maximumRestarts = 5;
/** When a server has stayed up this long, its restart count is reset. */
const stableMs = 5 * 60_000;

/** What the lifecycle controls: opening and closing a server. */
export interface LifecycleWork {
  readonly name: string;
  readonly log: LogBuffer;
  /** Opens the server. `onLost` reports that it has ended by itself. Rejects when it cannot be opened. */
  open(signal: AbortSignal, onLost: (reason: string) => void): Promise<void>;
  /** Closes the server. Resolves when everything of it has ended. */
  close(reason: string): Promise<void>;
}

/** The states of a server: starts, restarts, retries with increasing delays, and stops. Any may interrupt any other. */
export class Lifecycle {
  readonly #changed = new Emitter<void>();
  readonly onChanged = this.#changed.event;
  #state: ServerState;
  #error: ApiProblem | null = null;
  #startedAt: Date | undefined;
  #restarts = 0;
  /** Counts starts, restarts, failures and stops. An operation that finds another number was interrupted by a later one. */
  #generation = 0;
  #backOff: NodeJS.Timeout | undefined;
  #starting = new AbortController();
  /** Resolves when everything that is being closed has ended. */
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

  /** Starts the server if it is not running. Never throws: a failure becomes its state. */
  async start(): Promise<void> {
    if (this.#state === 'idle' || this.#state === 'failed') await this.#begin(this.#nextGeneration());
  }

  /** Restarts it. Its state is `starting` at once, and its restart count is reset. */
  async restart(reason: string): Promise<void> {
    if (this.#state === 'disabled' || this.#state === 'stopped') return;
    this.#restarts = 0;
    const generation = this.#nextGeneration();
    this.#set('starting', null);
    await this.#close(reason);
    if (generation === this.#generation) await this.#begin(generation);
  }

  /** Stops it and sets its state. */
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

  /** Fires {@link onChanged} because something else about the server has changed. */
  notifyChanged(): void {
    this.#changed.fire();
  }

  /** Invalidates the operations in progress. */
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
        if (generation === this.#generation && this.#state === 'ready')
          void this.#fail(`The server ${reason}`, reason);
      });
      if (generation !== this.#generation) return;
      this.#startedAt = new Date();
      this.#set('ready', null);
    } catch (error) {
      if (generation !== this.#generation) return;
      await this.#fail(messageOf(error), 'did not start', error instanceof AppError ? error.next : undefined);
    }
  }

  /**
   * `problem` is a sentence for people, and `reason` a predicate for pending requests ("exited with code 1"). `next` is the
   * next step, when the failure knows a special one.
   */
  async #fail(problem: string, reason: string, next?: NextStep): Promise<void> {
    const { name, log } = this.work;
    const stable = this.#startedAt !== undefined && Date.now() - this.#startedAt.getTime() > stableMs;
    if (stable) this.#restarts = 0;
    const message = sentence(problem);
    log.add(`[gateway] ${message}`);
    const generation = this.#nextGeneration();
    const willRetry = this.#restarts < maximumRestarts;
    const delayMs = 1000 * 2 ** this.#restarts;
    const usual = willRetry
      ? step(`The gateway tries again in ${delayMs / 1000} s. Look at the server's log.`, 'logs', name)
      : step("Look at the server's log, correct servers.json, then start it again.", 'restart', name);
    // The message of a server can quote its arguments or variables, so secrets are removed.
    this.#set('failed', { message: log.redact(message), ...nextFields(next ?? usual) });
    await this.#close(reason);
    if (!willRetry || generation !== this.#generation) return;
    this.#backOff = setTimeout(() => {
      this.#restarts += 1;
      void this.start();
    }, delayMs).unref();
  }

  /** Resolves when this and everything that was closed before has ended. */
  async #close(reason: string): Promise<void> {
    this.#startedAt = undefined;
    const closed = this.work
      .close(reason)
      .catch((error: unknown) =>
        this.work.log.add(sentence(`[gateway] The server may still be running: ${messageOf(error)}`)),
      );
    this.#closing = Promise.all([this.#closing, closed]);
    await this.#closing;
  }

  #set(state: ServerState, error: ApiProblem | null): void {
    this.#state = state;
    this.#error = error;
    this.#changed.fire();
  }
}
