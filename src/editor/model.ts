import { partOf } from '../gateway/kind';
import type { GatewayManager } from '../gateway/manager';
import { isAnswering, type GatewayState } from '../gateway/watch/state';
import { GatewayStore } from '../gateway/watch/store';
import { watchGateway, type Subject } from '../gateway/watch/watch';
import { AppError, messageOf } from '../platform/errors';
import { DisposableList, Emitter, type Disposable } from '../platform/disposable';
import type { Logger } from '../platform/log';
import { Catalogue } from './catalogue';
import { namedGateway, type Place } from './place';
import type { WorkspaceKind } from './workspace-kind';

export interface ModelOptions {
  /** The folder that is open; absolute. */
  folder: string;
  place: Place;
  env: NodeJS.ProcessEnv;
  log: Logger;
}

const gatewayId = 'workspace';

/**
 * The gateway of the open folder, as everything in the editor reads it: its state in the store, kept up to date by the
 * engine's and the gateway's own events, and the lists behind it.
 */
export class GatewayModel implements Disposable {
  readonly #store = new GatewayStore();
  readonly #changed = new Emitter<undefined>();
  readonly #owned = new DisposableList();
  readonly catalogue: Catalogue;
  #workspace: WorkspaceKind = 'unknown';
  #engine: boolean | undefined;
  #problem: AppError | undefined;
  #manager: GatewayManager | undefined;
  #watching: AbortController | undefined;
  #opening: Promise<void> | undefined;
  #step: string | undefined;

  constructor(readonly options: ModelOptions) {
    this.catalogue = this.#owned.add(new Catalogue(async () => await this.#lists(), options.log));
    this.#owned.add(this.#changed);
    this.#owned.add(this.#store);
    this.#owned.add(
      this.#store.onChange(({ state, before }) => {
        if (state?.status !== before?.status) this.#tellTransition(before, state);
        if (before && isAnswering(before) && !(state && isAnswering(state))) this.catalogue.reset();
        this.#changed.fire(undefined);
      }),
    );
  }

  /** Something that is shown may have changed. */
  readonly onChange = this.#changed.event;

  get folder(): string {
    return this.options.folder;
  }

  get place(): Place {
    return this.options.place;
  }

  get workspace(): WorkspaceKind {
    return this.#workspace;
  }

  /** Whether an engine answers; `undefined` until it was asked. */
  get engine(): boolean | undefined {
    return this.#engine;
  }

  /** Why the workspace could not be read. */
  get problem(): AppError | undefined {
    return this.#problem;
  }

  get state(): GatewayState | undefined {
    return this.#store.get(gatewayId);
  }

  /** Looks at the workspace again, and follows what it finds. Failures are part of what it finds. */
  async refresh(): Promise<void> {
    this.#opening ??= this.#open().finally(() => (this.#opening = undefined));
    await this.#opening;
  }

  /** The manager of the workspace's gateway. Throws `not-found` where there is none. */
  async manager(): Promise<GatewayManager> {
    if (this.#workspace === 'unknown') await this.refresh();
    if (this.#problem) throw this.#problem;
    if (this.#manager) return this.#manager;
    throw new AppError('not-found', `${this.folder} has no MCP gateway.`, {
      next: 'Run "MCP Gateway: Add MCP Gateway to devcontainer" to add one.',
    });
  }

  /** Does work that brings the gateway into being; until then a missing gateway counts as one that is being created. */
  async creating<T>(work: (step: (text: string) => void) => Promise<T>): Promise<T> {
    const tell = (step: string): void => {
      this.#step = step;
      if (!this.state || ['absent', 'stopped', 'creating', 'failed'].includes(this.state.status))
        this.#store.dispatch(gatewayId, { type: 'creating', step, at: new Date().toISOString() });
    };
    try {
      return await work(tell);
    } finally {
      this.#step = undefined;
      await this.refresh();
    }
  }

  dispose(): void {
    this.#watching?.abort();
    this.#owned.dispose();
  }

  async #open(): Promise<void> {
    this.#watching?.abort();
    const watching = new AbortController();
    this.#watching = watching;
    this.catalogue.reset();
    try {
      const found = await this.#find();
      this.#problem = undefined;
      this.#manager = found.manager;
      this.#workspace = found.kind;
    } catch (error) {
      this.#problem =
        error instanceof AppError ? error : new AppError('internal', messageOf(error), { cause: error });
      this.#manager = undefined;
      this.#workspace = 'gateway';
    }
    if (watching.signal.aborted) return;
    if (this.#manager)
      void watchGateway(this.#observed(this.#manager.subject), this.#store, gatewayId, watching.signal);
    else this.#store.forget(gatewayId);
    this.#changed.fire(undefined);
  }

  async #find(): Promise<{ kind: WorkspaceKind; manager: GatewayManager | undefined }> {
    const { env, folder, place } = this.options;
    if (place === 'container') {
      const { RemoteManager } = await import('../gateway/remote-manager');
      const { defaultKind, kinds } = await import('../kinds/registry');
      const address = await namedGateway(env, folder);
      return { kind: 'gateway', manager: new RemoteManager(address, kinds[defaultKind]) };
    }
    const { findManager } = await import('./host-gateway');
    return await findManager(folder, env);
  }

  /** The subject, and what looking at it shows about the engine. */
  #observed(subject: Subject): Subject {
    return {
      look: async (signal) => {
        try {
          const look = await subject.look(signal);
          this.#setEngine(this.place === 'host' ? true : undefined);
          const step = look.finding.type === 'missing' ? this.#step : undefined;
          return step === undefined ? look : { ...look, finding: { type: 'creating', step } };
        } catch (error) {
          this.#setEngine(error instanceof AppError && error.code === 'no-engine' ? false : this.#engine);
          throw error;
        }
      },
      kind: subject.kind,
      changes: (signal) => subject.changes(signal),
    };
  }

  #setEngine(engine: boolean | undefined): void {
    if (this.#engine === engine) return;
    this.#engine = engine;
    this.#changed.fire(undefined);
  }

  async #lists() {
    const manager = await this.manager();
    return partOf(manager.kind, 'lists')(await manager.address(AbortSignal.timeout(10_000)));
  }

  #tellTransition(before: GatewayState | undefined, state: GatewayState | undefined): void {
    const why = state && 'reason' in state ? `: ${state.reason}` : '';
    this.options.log.log(
      'info',
      `gateway ${before?.status ?? 'unknown'} -> ${state?.status ?? 'none'}${why}`,
    );
  }
}
