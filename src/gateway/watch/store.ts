import { Emitter, type Disposable } from '../../platform/disposable';
import { reduce, type GatewayEvent, type GatewayState } from './state';

export interface StateChange {
  /** The gateway: whatever key its owner chose, usually the workspace's folder. */
  id: string;
  /** `undefined` when the gateway was forgotten. */
  state: GatewayState | undefined;
  before: GatewayState | undefined;
}

/** The state of every known gateway. Only `dispatch` changes it; whoever shows it subscribes. */
export class GatewayStore implements Disposable {
  readonly #states = new Map<string, GatewayState>();
  readonly #changed = new Emitter<StateChange>();
  readonly onChange = this.#changed.event;

  get(id: string): GatewayState | undefined {
    return this.#states.get(id);
  }

  get all(): ReadonlyMap<string, GatewayState> {
    return this.#states;
  }

  /** Applies an event; listeners hear of it only when the state changed. */
  dispatch(id: string, event: GatewayEvent): void {
    const before = this.#states.get(id);
    const state = reduce(before, event);
    if (!state || state === before) return;
    this.#states.set(id, state);
    this.#changed.fire({ id, state, before });
  }

  forget(id: string): void {
    const before = this.#states.get(id);
    if (this.#states.delete(id)) this.#changed.fire({ id, state: undefined, before });
  }

  /** Resolves with the first state that fits, the present one included; `undefined` when the signal aborts first. */
  async until(
    id: string,
    fits: (state: GatewayState) => boolean,
    signal: AbortSignal,
  ): Promise<GatewayState | undefined> {
    const now = this.#states.get(id);
    if (now && fits(now)) return now;
    if (signal.aborted) return undefined;
    return await new Promise((resolve) => {
      const done = (state: GatewayState | undefined): void => {
        subscription.dispose();
        signal.removeEventListener('abort', abort);
        resolve(state);
      };
      const abort = (): void => done(undefined);
      const subscription = this.onChange((change) => {
        if (change.id === id && change.state && fits(change.state)) done(change.state);
      });
      signal.addEventListener('abort', abort, { once: true });
    });
  }

  dispose(): void {
    this.#changed.dispose();
  }
}
