import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto';
import { codes, RpcError } from '../../mcp-wire/rpc-error';
import { OpenCall } from './open-call';

/** How many calls may wait for their clients at once, and for how long. */
const maximumParked = 64;
const parkedMs = 5 * 60_000;
const prefix = 'gateway-call:';
const ours = /^gateway-call:([\w-]{16})\.(\d{1,9})\.([\w-]{43})$/;

/** The calls of stateless clients that wait for answers to a server's questions. */
export class ParkedCalls {
  readonly #secret = randomBytes(32);
  readonly #parked = new Map<string, { call: OpenCall; timer: NodeJS.Timeout }>();

  /** Makes a call that can be parked. `binding` says who may go on with it, and with which request. */
  open(binding: string): OpenCall {
    const id = randomBytes(12).toString('base64url');
    const stateOf = (round: number): string => `${prefix}${id}.${round}.${this.#sign(id, round, binding)}`;
    return new OpenCall(stateOf, (call) => this.#park(id, call));
  }

  /**
   * The call that a request goes on with. A state that is not ours is the server's own: `undefined`. Throws
   * {@link RpcError} for one of ours that was altered, belongs to another request, or to a round that is over.
   */
  find(state: string, binding: string): OpenCall | undefined {
    if (!state.startsWith(prefix)) return undefined;
    const [, id = '', number = '', signature = ''] = ours.exec(state) ?? [];
    const expected = Buffer.from(this.#sign(id, Number(number), binding));
    if (signature.length !== expected.length || !timingSafeEqual(Buffer.from(signature), expected))
      throw new RpcError(
        codes.invalidParams,
        'the "requestState" is not the one that this request was given',
      );
    const parked = this.#parked.get(id);
    if (parked?.call.round !== Number(number))
      throw new RpcError(codes.invalidParams, 'the call that waited for this input has ended: call again');
    clearTimeout(parked.timer);
    this.#parked.delete(id);
    return parked.call;
  }

  dispose(): void {
    for (const { call, timer } of this.#parked.values()) {
      clearTimeout(timer);
      call.abort();
    }
    this.#parked.clear();
  }

  #park(id: string, call: OpenCall): void {
    if (this.#parked.has(id)) return;
    if (this.#parked.size >= maximumParked && !this.#makeRoom())
      throw new RpcError(codes.internal, `${maximumParked} calls wait for input of their clients already`);
    const timer = setTimeout(() => {
      this.#parked.delete(id);
      call.abort();
    }, parkedMs).unref();
    this.#parked.set(id, { call, timer });
  }

  /** Ends the call that has waited longest for a client that is away. */
  #makeRoom(): boolean {
    for (const [id, { call, timer }] of this.#parked) {
      if (call.waitingForInputSince === undefined) continue;
      clearTimeout(timer);
      this.#parked.delete(id);
      call.evict();
      return true;
    }
    return false;
  }

  #sign(id: string, round: number, binding: string): string {
    return createHmac('sha256', this.#secret).update(`${id}\n${round}\n${binding}`).digest('base64url');
  }
}
