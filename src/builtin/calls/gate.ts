import type { CancelSignal } from '../../platform/cancel-signal';
import { messageOf } from '../../platform/errors';
import { shortText } from '../../platform/short-text';
import type { Caller } from '../client/caller';
import type { CallRecord, CallOutcome, CallSpan } from './record';
import type { CallGate, CallStart, OutgoingContext } from './call-gate';
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

/** Who hears of the calls. */
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
  /** The answer goes to the client when this has resolved. */
  account(record: CallRecord, params: Params): Promise<void> | undefined;
  redact(text: string): string;
  /** The largest result that is passed on, in bytes. */
  resultBytes(): number;
}

/** What kind of entry a method uses; the methods that are not here use a server as a whole. */
const usedBy: ReadonlyMap<string, ListKind> = new Map([
  ['tools/call', 'tools'],
  ['prompts/get', 'prompts'],
  ['resources/read', 'resources'],
  ['resources/subscribe', 'resources'],
  ['resources/unsubscribe', 'resources'],
]);

const longestText = 1024;

/** The gate of this gateway: filter, limits and turn, then the call, then everybody who must know of it. */
export class Gate implements CallGate {
  #lastId = 0;

  constructor(readonly parts: GateParts) {}

  async run(
    start: CallStart,
    work: (passage: OutgoingContext) => Promise<RpcResponse>,
  ): Promise<RpcResponse> {
    const traced = this.parts.tracer.begin(start.caller, start.params);
    const record = this.#begin(start, traced.span);
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
      if (!record.outcome) await this.#end(record, start.params, this.#failure(error, start.signal));
      throw error;
    }
  }

  #begin(
    { caller, profile, server, method, name, params }: CallStart,
    span: CallSpan | undefined,
  ): CallRecord {
    const record: CallRecord = {
      id: ++this.#lastId,
      startedAt: Date.now(),
      started: performance.now(),
      token: profile.name,
      caller,
      server: server.name,
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
        `the token "${profile.name}" may not use ${described(method, name, server.name)}`,
      );
    this.parts.limits.take(profile, server.name, method, name);
  }

  #fitting(answer: RpcResponse, { server }: CallRecord): RpcResponse {
    const limit = this.parts.resultBytes();
    if (answer.body.length <= limit) return answer;
    throw new RefusedError(
      'result-size',
      `the answer of the server "${server}" has ${answer.body.length} bytes, more than the ${limit} that are passed on (gateway.limits.resultBytes in servers.json)`,
    );
  }

  /** Returns what the answer has to wait for. */
  #end(record: CallRecord, params: Params, outcome: CallOutcome): Promise<void> | undefined {
    record.outcome = outcome;
    record.totalMs = performance.now() - record.started;
    for (const observer of this.parts.observers) observer.finished(record);
    return this.parts.account(record, params);
  }

  #failure(error: unknown, signal: CancelSignal): CallOutcome {
    const problem = this.#short(messageOf(error));
    const ended = { isError: false, bytes: 0, problem, reason: undefined };
    if (error instanceof RefusedError) return { ...ended, kind: 'refused', reason: error.reason };
    return { ...ended, kind: signal.aborted ? 'cancelled' : 'error' };
  }

  /** Cut after the secrets are out: half a secret would not be recognised. */
  #short(text: string): string {
    return text.length <= longestText ? text : shortText(this.parts.redact(text), longestText);
  }
}

async function takeTurn(queue: FairQueue, { caller, profile, server, signal }: CallStart): Promise<void> {
  const turn = caller.session ?? `${profile.name}\0${caller.client ?? ''}`;
  try {
    await queue.enter(turn, signal);
  } catch (error) {
    if (!(error instanceof QueueFullError))
      throw new RpcError(codes.internal, 'cancelled by the client', { cause: error });
    throw new RefusedError(
      'queue',
      `the server "${server.name}" is busy: ${queue.places} calls run and ${error.limit} wait, which is the limit (concurrency in servers.json); try again later`,
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

function described(method: string, name: string, server: string): string {
  const noun = {
    tools: 'the tool',
    prompts: 'the prompt',
    resources: 'the resource',
    resourceTemplates: 'the resource',
  };
  const kind = usedBy.get(method);
  return kind ? `${noun[kind]} ${name} of the server "${server}"` : `the server "${server}"`;
}

function outcomeOf({ kind, body }: RpcResponse): CallOutcome {
  const isError = kind === 'result' && isErrorResult(body);
  return { kind, isError, bytes: body.length, problem: undefined, reason: undefined };
}
