import { messageOf } from '../../platform/errors';
import { shortText } from '../../platform/short-text';
import type { Caller } from '../client/caller';
import type { CallRecord, CallOutcome, CallSpan } from './record';
import type { Closing } from './closing';
import type { CallGate, CallStart, OutgoingContext, RefusedRequest } from './call-gate';
import { QueueFullError, type FairQueue } from './limits/fair-queue';
import type { AllLimits } from './limits/call-limits';
import { RefusedError } from './limits/refused';
import { allows, seesServer, type Profile } from '../tokens/profile';
import type { ListKind } from '../../mcp-wire/lists';
import { readOnlyHint } from '../upstream/lists/read-list';
import type { RpcResponse } from '../../mcp-wire/rpc-response';
import { isErrorResult } from '../../mcp-wire/is-error';
import type { Params } from '../../mcp-wire/params';
import { codes, RpcError } from '../../mcp-wire/rpc-error';

/** Observes calls. */
interface CallObserver {
  started?(record: CallRecord): void;
  finished(record: CallRecord): void;
}

/** The span of a call, and the `traceparent` for the server. */
export interface Traced {
  span: CallSpan | undefined;
  /** `undefined` leaves `_meta.traceparent` unchanged. */
  traceparent: string | undefined;
}

/** Gives each call its place in a trace. */
export interface CallTracer {
  begin(caller: Caller, params: Params): Traced;
}

export interface GateParts {
  limits: AllLimits;
  tracer: CallTracer;
  observers: readonly CallObserver[];
  /** Writes the audit line of a call. The client gets the response after it has resolved. */
  account(record: CallRecord, params: Params): Promise<void> | undefined;
  redact(text: string, length?: number): string;
  closing: Pick<Closing, 'begun' | 'cutsCalls'>;
  /** The maximum size of a result, in bytes. */
  resultBytes(): number;
}

/** The kind of entry that a method uses. Methods that are not in this table use the server as a whole. */
const usedBy: ReadonlyMap<string, ListKind> = new Map([
  ['tools/call', 'tools'],
  ['prompts/get', 'prompts'],
  ['resources/read', 'resources'],
  ['resources/subscribe', 'resources'],
  ['resources/unsubscribe', 'resources'],
]);

const longestText = 1024;
const notCancelled = { aborted: false };

/**
 * Every call to a server passes through the gate.
 *
 * The order is: the record and the span of the call are created; the token's rules, quota and rate limits are checked; the
 * call waits for its turn; the call is made; the size of its result is checked; metrics, recent calls and traces are
 * updated; the audit line is written; then the client gets the response. A refused call never reaches the server and is
 * recorded too. The specification requires servers to control access and to limit rates, and recommends audit logs for
 * clients: https://modelcontextprotocol.io/specification/2025-11-25/server/tools#security-considerations
 */
export class Gate implements CallGate {
  #lastId = 0;

  constructor(readonly parts: GateParts) {}

  async run(
    start: CallStart,
    work: (passage: OutgoingContext) => Promise<RpcResponse>,
  ): Promise<RpcResponse> {
    const traced = this.parts.tracer.begin(start.caller, start.params);
    const record = this.#begin(start, start.server.name, traced.span);
    try {
      this.#admit(start);
      const queue = this.parts.limits.queueFor(record.server, record.method);
      if (queue && !queue.tryEnter()) await takeTurn(queue, start);
      let answer: RpcResponse;
      try {
        record.queuedMs = performance.now() - record.started;
        answer = this.#fitting(await work(traced), record);
      } finally {
        queue?.leave();
      }
      const accounted = this.#end(record, start.params, outcomeOf(answer));
      if (accounted) await accounted;
      return answer;
    } catch (error) {
      const shown = this.#asClientsSee(error);
      if (!record.outcome) await this.#end(record, start.params, this.#failure(shown, start.signal));
      throw shown;
    }
  }

  async refuse(request: RefusedRequest, problem: string): Promise<RefusedError> {
    const { span } = this.parts.tracer.begin(request.caller, request.params);
    const record = this.#begin(request, request.server, span);
    const error = new RefusedError('filter', problem);
    await this.#end(record, request.params, this.#failure(error, notCancelled));
    return error;
  }

  #begin(
    { caller, profile, method, name, params }: Omit<CallStart, 'server' | 'signal'>,
    server: string,
    span: CallSpan | undefined,
  ): CallRecord {
    const record: CallRecord = {
      id: ++this.#lastId,
      startedAt: Date.now(),
      started: performance.now(),
      token: profile.name,
      caller,
      server,
      method,
      name: this.#short(name),
      requestBytes: params.span ? params.span.end - params.span.start : 0,
      span,
      queuedMs: undefined,
      totalMs: undefined,
      outcome: undefined,
    };
    for (const observer of this.parts.observers) observer.started?.(record);
    return record;
  }

  #admit({ profile, server, method, name }: CallStart): void {
    if (profile.key !== '' && !isAllowed(profile, server, method, name))
      throw new RefusedError(
        'filter',
        `The token "${profile.name}" has no permission for ${described(method, name)} of the server "${server.name}".`,
      );
    if (this.parts.closing.begun)
      throw new RefusedError(
        'stopping',
        'The gateway is stopping and takes no new calls. Try again when it is back.',
      );
    this.parts.limits.take(profile, server.name, method, name);
  }

  #fitting(answer: RpcResponse, { server }: CallRecord): RpcResponse {
    const limit = this.parts.resultBytes();
    if (answer.body.length <= limit) return answer;
    throw new RefusedError(
      'result-size',
      `The response of the server "${server}" has ${answer.body.length} bytes, more than the limit of ${limit} (gateway.limits.resultBytes in servers.json).`,
    );
  }

  /** A call that ends when the gateway ends what is left has not failed, and its client has not cancelled it. */
  #asClientsSee(error: unknown): unknown {
    return this.parts.closing.cutsCalls && !(error instanceof RefusedError) ? new StoppedError(error) : error;
  }

  /** Ends a call. The response must wait for the returned promise. */
  #end(record: CallRecord, params: Params, outcome: CallOutcome): Promise<void> | undefined {
    record.outcome = outcome;
    record.totalMs = performance.now() - record.started;
    for (const observer of this.parts.observers) observer.finished(record);
    return this.parts.account(record, params);
  }

  #failure(error: unknown, signal: { readonly aborted: boolean }): CallOutcome {
    const problem = this.#short(messageOf(error));
    const ended = { isError: false, bytes: 0, problem, reason: undefined };
    if (error instanceof StoppedError) return { ...ended, kind: 'stopped' };
    if (error instanceof RefusedError) return { ...ended, kind: 'refused', reason: error.reason };
    return { ...ended, kind: signal.aborted ? 'cancelled' : 'error' };
  }

  /** The redaction cuts the text, because half a secret would not be recognized. */
  #short(text: string): string {
    return text.length <= longestText ? text : shortText(this.parts.redact(text, longestText), longestText);
  }
}

/** A call that was under way when the gateway stopped. */
class StoppedError extends RpcError {
  constructor(cause: unknown) {
    super(
      codes.internal,
      'The gateway stopped before the call ended. The call can have had an effect. Try again when the gateway is back.',
      { data: { reason: 'stopping' }, cause },
    );
    this.name = 'StoppedError';
  }
}

async function takeTurn(queue: FairQueue, { caller, profile, server, signal }: CallStart): Promise<void> {
  const turn = caller.session ?? `${profile.name}\0${caller.client ?? ''}`;
  try {
    await queue.enter(turn, signal);
  } catch (error) {
    if (!(error instanceof QueueFullError))
      throw new RpcError(codes.internal, 'The client cancelled the request.', { cause: error });
    throw new RefusedError(
      'queue',
      `The server "${server.name}" is busy: ${queue.places} calls are running and ${error.limit} are waiting, which is the limit (concurrency in servers.json). Try again later.`,
    );
  }
}

function isAllowed(profile: Profile, server: CallStart['server'], method: string, name: string): boolean {
  const kind = usedBy.get(method);
  if (!kind) return seesServer(profile, server.name);
  const tool =
    profile.readOnly && kind === 'tools' && server.items.tools.find(({ identity }) => identity === name);
  return allows(profile, server.name, kind, name, { readOnlyHint: tool ? readOnlyHint(tool) : false });
}

function described(method: string, name: string): string {
  const noun = {
    tools: 'the tool',
    prompts: 'the prompt',
    resources: 'the resource',
    resourceTemplates: 'the resource',
  };
  const kind = usedBy.get(method);
  return kind ? `${noun[kind]} ${shortText(name, longestText)}` : `the method "${method}"`;
}

function outcomeOf({ kind, body }: RpcResponse): CallOutcome {
  const isError = kind === 'result' && isErrorResult(body);
  return { kind, isError, bytes: body.length, problem: undefined, reason: undefined };
}
