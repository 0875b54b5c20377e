import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto';
import { codes, RpcError } from '../../mcp-wire/rpc-error';
import { OpenCall } from './open-call';

/** The maximum number of calls that wait for input, and the time limit for it. */
const maximumParked = 64;
const parkedMs = 5 * 60_000;
const prefix = 'gateway-call:';
const ours = /^gateway-call:([\w-]{16})\.(\d{1,9})\.([\w-]{43})$/;

/**
 * The calls of stateless clients that wait for input of their clients.
 *
 * In 2026-07-28 a server cannot send requests to a client. It returns `resultType: "input_required"` with its requests and
 * a `requestState`, and the client repeats its request with the responses and the same state (SEP-2322). A server of the
 * legacy era keeps its call open instead. So the gateway parks the open call, and the `requestState` identifies it. The
 * state is signed and bound to the token, the endpoint, the method and the name: another client cannot use it, and each
 * round has its own state. A parked call ends after five minutes. When too many are parked, the one that has waited
 * longest is ended. The requests of servers are described at
 * https://modelcontextprotocol.io/specification/2025-11-25/client/elicitation.
 */
export class ParkedCalls {
  readonly #secret = randomBytes(32);
  readonly #parked = new Map<string, { call: OpenCall; timer: NodeJS.Timeout }>();

  /** Creates a call that can be parked. `binding` identifies the client and the request that may continue it. */
  open(binding: string): OpenCall {
    const id = randomBytes(12).toString('base64url');
    const stateOf = (round: number): string => `${prefix}${id}.${round}.${this.#sign(id, round, binding)}`;
    return new OpenCall(stateOf, (call) => this.#park(id, call));
  }

  /**
   * The call that a request continues. `undefined` for a state of another server. Throws {@link RpcError} when a state of the
   * gateway was changed, belongs to another request, or to an earlier round.
   */
  find(state: string, binding: string): OpenCall | undefined {
    if (!state.startsWith(prefix)) return undefined;
    const [, id = '', number = '', signature = ''] = ours.exec(state) ?? [];
    const expected = Buffer.from(this.#sign(id, Number(number), binding));
    if (signature.length !== expected.length || !timingSafeEqual(Buffer.from(signature), expected))
      throw new RpcError(codes.invalidParams, 'The "requestState" does not belong to this request.');
    const parked = this.#parked.get(id);
    if (parked?.call.round !== Number(number))
      throw new RpcError(codes.invalidParams, 'The call that waited for this input has ended. Call again.');
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
      throw new RpcError(
        codes.internal,
        `Already ${maximumParked} calls wait for input of their clients, which is the limit. Try again later.`,
      );
    const timer = setTimeout(() => {
      this.#parked.delete(id);
      call.abort();
    }, parkedMs).unref();
    this.#parked.set(id, { call, timer });
  }

  /** Ends the call that has waited longest for input. Returns whether there was one. */
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
