import { setImmediate as nextTurn } from 'node:timers/promises';
import type { ClientCall } from '../client/client';
import type { ServerRequest } from '../client/call-link';
import type { RpcResponse } from '../../mcp-wire/rpc-response';
import { memberNamed, membersOf, isObject } from '../../mcp-wire/json';
import { jsonObject, type Params } from '../../mcp-wire/params';
import { codes, RpcError } from '../../mcp-wire/rpc-error';
import type { Exchange } from './exchange';

interface OpenServerRequest {
  request: ServerRequest;
  settle(answer: RpcResponse | RpcError): void;
}

/** The maximum number of messages that are kept while a call waits for input. */
const maximumHeld = 256;

/**
 * A call of a modern client to a server of the legacy era. When the server sends a request, the client gets
 * `input_required`. The call is parked until the client repeats its request with the responses.
 */
export class OpenCall implements ClientCall {
  readonly #aborter = new AbortController();
  readonly #requests = new Map<string, OpenServerRequest>();
  #exchange: Exchange | undefined;
  readonly #held: Buffer[] = [];
  #wake: () => void = () => undefined;
  #next = 1;
  #round = 0;
  #work: Promise<RpcResponse> | undefined;
  #waitingForInputSince: number | undefined;
  #evicted = false;

  constructor(
    /** Returns the `requestState` of a round. The client sends it back to continue. */
    readonly stateOf: (round: number) => string,
    /** Called when the call must wait for its client. Throws when too many calls wait. */
    readonly park: (call: OpenCall) => void,
  ) {}

  /** The number of `input_required` results so far. */
  get round(): number {
    return this.#round;
  }

  get waitingForInputSince(): number | undefined {
    return this.#waitingForInputSince;
  }

  get signal(): AbortSignal {
    return this.#aborter.signal;
  }

  begin(work: Promise<RpcResponse>): void {
    this.#work = work;
    // The call may fail while it is parked and no one waits for it.
    work.catch(() => undefined);
  }

  /**
   * Continues until the result, or the next requests of the server. `closed` aborts when the client has cancelled. Rejects
   * when the call cannot be parked.
   */
  async next(exchange: Exchange, closed: AbortSignal): Promise<RpcResponse> {
    if (this.#evicted)
      throw new RpcError(
        codes.internal,
        'The call waited too long for input, and another call took its place. Call again.',
      );
    this.#waitingForInputSince = undefined;
    const abort = (): void => this.abort();
    closed.addEventListener('abort', abort, { once: true });
    this.#exchange = exchange;
    for (const message of this.#held.splice(0)) exchange.send(message);
    try {
      const asked = new Promise<undefined>((resolve) => {
        this.#wake = () => resolve(undefined);
        if (this.#requests.size > 0) this.#wake();
      });
      const answer = await Promise.race([this.#work, asked]);
      if (answer) return answer;
      // Requests that arrive together are sent to the client together.
      await nextTurn();
      this.#parkOrEnd();
      this.#waitingForInputSince = performance.now();
      return this.#inputRequired();
    } finally {
      this.#exchange = undefined;
      closed.removeEventListener('abort', abort);
    }
  }

  /** Sends a message to the client, now or when it continues the call. */
  send(message: Buffer): void {
    if (this.#exchange) this.#exchange.send(message);
    else if (this.#held.length < maximumHeld) this.#held.push(message);
  }

  async request(request: ServerRequest): Promise<RpcResponse> {
    this.park(this);
    const key = `q${this.#next++}`;
    return await new Promise<RpcResponse>((resolve, reject) => {
      const cancelled = (): void => settle(new RpcError(codes.internal, 'The server cancelled its request.'));
      const settle = (answer: RpcResponse | RpcError): void => {
        request.signal.removeEventListener('abort', cancelled);
        this.#requests.delete(key);
        if (answer instanceof RpcError) reject(answer);
        else resolve(answer);
      };
      this.#requests.set(key, { request, settle });
      request.signal.addEventListener('abort', cancelled);
      this.#wake();
    });
  }

  /** Handles the responses of the client. Requests without a response stay open. */
  resume(params: Params): void {
    const responses = params.member('inputResponses');
    const members = isObject(params.bytes, responses) ? membersOf(params.bytes, responses.start) : [];
    for (const [key, pending] of [...this.#requests]) {
      const response = memberNamed(members, key);
      if (response)
        pending.settle({ kind: 'result', body: params.bytes.subarray(response.start, response.end) });
    }
  }

  evict(): void {
    this.#evicted = true;
    this.abort();
  }

  abort(): void {
    this.#aborter.abort();
    for (const pending of [...this.#requests.values()])
      pending.settle(new RpcError(codes.internal, 'The client has cancelled the call.'));
  }

  /** Parks the call, also when some requests of the last round have no response. Ends the call when it cannot be parked. */
  #parkOrEnd(): void {
    try {
      this.park(this);
    } catch (error) {
      this.abort();
      throw error;
    }
  }

  #inputRequired(): RpcResponse {
    const requests = [...this.#requests].map(([key, { request }]) => {
      const params = request.params.forNextHop(0);
      const method = Buffer.from(`${JSON.stringify(key)}:{"method":${JSON.stringify(request.method)}`);
      return Buffer.concat([method, ...(params ? [paramsKey, params] : []), closing]);
    });
    this.#round += 1;
    const state = JSON.stringify(this.stateOf(this.#round));
    const head = `{"resultType":"input_required","requestState":${state},"inputRequests":`;
    return { kind: 'result', body: Buffer.concat([Buffer.from(head), jsonObject(requests), closing]) };
  }
}

const paramsKey = Buffer.from(',"params":');
const closing = Buffer.from('}');
