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

/** What is kept for a client that is away with questions. */
const maximumHeld = 256;

/**
 * A call of the stateless era to a server of the legacy one. When the server asks for something, the client gets
 * `input_required` and the call waits, parked, for the client to come back with the answers.
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
    /** What the client sends back to go on after that round of questions. */
    readonly stateOf: (round: number) => string,
    /** Called when the call has to wait for its client; throws when it may not. */
    readonly park: (call: OpenCall) => void,
  ) {}

  /** How often the client was sent away with questions. */
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
    // Who waits for it may be away when it fails.
    work.catch(() => undefined);
  }

  /** Goes on until the answer is there, or the next questions are. `closed` aborts when the client has gone. Rejects when the call may not wait. */
  async next(exchange: Exchange, closed: AbortSignal): Promise<RpcResponse> {
    if (this.#evicted)
      throw new RpcError(codes.internal, 'the call waited too long, and another took its place: call again');
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
      // Questions that come together go to the client together.
      await nextTurn();
      this.#parkOrEnd();
      this.#waitingForInputSince = performance.now();
      return this.#inputRequired();
    } finally {
      this.#exchange = undefined;
      closed.removeEventListener('abort', abort);
    }
  }

  /** Sends a message to the client, now or when it comes back. */
  send(message: Buffer): void {
    if (this.#exchange) this.#exchange.send(message);
    else if (this.#held.length < maximumHeld) this.#held.push(message);
  }

  async ask(request: ServerRequest): Promise<RpcResponse> {
    this.park(this);
    const key = `q${this.#next++}`;
    return await new Promise<RpcResponse>((resolve, reject) => {
      const cancelled = (): void => settle(new RpcError(codes.internal, 'the server took its question back'));
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

  /** Takes the client's answers; questions without one stay open. */
  resume(params: Params): void {
    const responses = params.member('inputResponses');
    const members = isObject(params.bytes, responses) ? membersOf(params.bytes, responses.start) : [];
    for (const [key, question] of [...this.#requests]) {
      const response = memberNamed(members, key);
      if (response)
        question.settle({ kind: 'result', body: params.bytes.subarray(response.start, response.end) });
    }
  }

  evict(): void {
    this.#evicted = true;
    this.abort();
  }

  abort(): void {
    this.#aborter.abort();
    for (const question of [...this.#requests.values()])
      question.settle(new RpcError(codes.internal, 'the client does not wait for the call any more'));
  }

  /** Parks also where some questions of the last round were left without an answer. A call that may not wait ends. */
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
