import type { IncomingHttpHeaders } from 'node:http';
import type { Caller } from './calls';
import type { Client } from './client/client';
import type { Scope } from './fleet';
import type { ServerRequest } from './upstream/call-link';
import type { Connection } from './upstream/connection';
import { withoutHopMeta } from './upstream/envelope-meta';
import type { Answer } from './upstream/peer';
import type { ServerHandle } from './upstream/server-handle';
import { splice, type Edit } from './wire/envelope';
import { isObject, memberNamed, membersOf, stringValue, type Member, type Span } from './wire/json';
import { hopPrefix } from './wire/modern-era';
import { jsonObject, Params } from './wire/params';
import { codes, RpcError } from './wire/rpc-error';

/** One request of a client, on its way to a server. */
export interface Call {
  method: string;
  params: Params;
  /** What the client can see. */
  scope: Scope;
  client: Client;
  /** Who makes the call, for the record. */
  caller: Caller;
  /** The headers that repeat the request, where the transport and the era have any. */
  headers?: IncomingHttpHeaders | undefined;
  signal: AbortSignal;
  /** Sends a notification ahead of the answer. */
  notify(method: string, params: Buffer | undefined): void;
  /** Puts a server's question to the client. Rejects when it cannot be asked. */
  ask(request: ServerRequest): Promise<Answer>;
}

/** What the request becomes for the server: spans of the params replaced, and the name or URI that headers repeat. */
export interface Target {
  server: ServerHandle;
  edits: readonly Edit[];
  /** Empty where the method has none. */
  name: string;
}

type TracedTarget = Target & { traceparent: string | undefined };

/** How often a server may ask for more input before it answers one call. */
const maximumRounds = 16;

/** Relays one request to a server and brings its answer back in the form of the client's era. */
export async function relay(call: Call, target: Target, traceparent: string | undefined): Promise<Answer> {
  const traced = { ...target, traceparent };
  const lease = await target.server.lease(call.client, call.signal);
  let answer: Answer | undefined;
  try {
    answer = await send(call, traced, lease.connection, []);
    if (lease.connection.era === 'modern') answer = await translate(call, traced, lease.connection, answer);
    else if (call.client.era === 'modern') answer = inModernTerms(answer);
    return answer;
  } finally {
    lease.release();
    target.server.count(answer);
  }
}

async function send(
  call: Call,
  { server, edits, name, traceparent }: TracedTarget,
  connection: Connection,
  added: readonly (readonly [string, Buffer | string])[],
): Promise<Answer> {
  const { params } = call;
  const token = params.progressToken;
  const level = params.meta(`${hopPrefix}logLevel`);
  const levelText = call.params.metaText(`${hopPrefix}logLevel`);
  if (levelText !== undefined) connection.wantLevel(levelText);
  return await connection.request(
    call.method,
    (id, meta) => withMembers(params.forNextHop(id, edits, meta), added),
    {
      signal: call.signal,
      timeoutMs: server.definition.timeoutSeconds * 1000,
      caller: call,
      face: call.client.face,
      ...(name === '' ? {} : { name }),
      traceparent,
      ...logLevel(call, level && params.bytes.toString('utf8', level.start, level.end)),
      ...(token === undefined ? {} : { onProgress: progressTo(call, token) }),
    },
  );
}

/** A session that asked for no level gets what most servers would send by themselves. */
function logLevel({ client }: Call, wanted: string | undefined): { logLevel?: string } {
  if (client.era === 'legacy') return { logLevel: JSON.stringify(client.logLevel ?? 'info') };
  return wanted === undefined ? {} : { logLevel: wanted };
}

function progressTo(call: Call, token: string) {
  return (params: Buffer, at: Span): void => {
    const own = splice(params, { start: 0, end: params.length }, [{ ...at, replacement: token }]);
    call.notify('notifications/progress', own);
  };
}

/** An answer of 2026-07-28: what belongs to the server's hop goes, and a session is asked what the server wants to know. */
async function translate(
  call: Call,
  target: TracedTarget,
  connection: Connection,
  first: Answer,
): Promise<Answer> {
  let answer = first;
  for (let round = 0; call.client.era === 'legacy' && needsInput(answer); round += 1) {
    if (round === maximumRounds)
      throw new RpcError(codes.internal, `server "${target.server.name}" asks for input again and again`);
    answer = await send(call, target, connection, await input(call, answer.body));
  }
  return answer.kind === 'error' ? answer : { kind: 'result', body: withoutHopMeta(answer.body) };
}

function needsInput(answer: Answer): boolean {
  if (answer.kind === 'error') return false;
  return stringValue(answer.body, memberNamed(membersOf(answer.body, 0), 'resultType')) === 'input_required';
}

/** Asks the client everything that the server wants to know, and makes the members that the next round adds. */
async function input(call: Call, body: Buffer): Promise<(readonly [string, Buffer])[]> {
  const members = membersOf(body, 0);
  const requests = memberNamed(members, 'inputRequests');
  const asked = isObject(body, requests) ? membersOf(body, requests.start) : [];
  const responses = await allAnswers(call, body, asked);
  const state = memberNamed(members, 'requestState');
  return [
    ...(asked.length > 0 ? [['inputResponses', jsonObject(responses)] as const] : []),
    ...(state ? [['requestState', body.subarray(state.start, state.end)] as const] : []),
  ];
}

/** Throws when one of them is refused; the others are taken back then. */
async function allAnswers(call: Call, body: Buffer, asked: readonly Member[]): Promise<Buffer[]> {
  const round = new AbortController();
  const signal = AbortSignal.any([call.signal, round.signal]);
  try {
    return await Promise.all(
      asked.map(async (request) => {
        const answer = await call.ask(questionAt(body, request, signal));
        if (answer.kind === 'error') throw refusedBy(answer.body);
        return Buffer.concat([Buffer.from(`${JSON.stringify(request.key)}:`), answer.body]);
      }),
    );
  } finally {
    round.abort();
  }
}

function questionAt(body: Buffer, request: Span, signal: AbortSignal): ServerRequest {
  const members = isObject(body, request) ? membersOf(body, request.start) : [];
  const method = stringValue(body, memberNamed(members, 'method'));
  if (method === undefined) throw new RpcError(codes.internal, 'the server asks for input without a method');
  const params = memberNamed(members, 'params');
  return { method, params: new Params(body, params), signal, progress: () => undefined };
}

/** The client's refusal, as the error of the whole call. */
function refusedBy(error: Buffer): RpcError {
  const members = membersOf(error, 0);
  const code = memberNamed(members, 'code');
  const number = code ? Number(error.toString('latin1', code.start, code.end)) : codes.internal;
  const message = stringValue(error, memberNamed(members, 'message')) ?? 'no reason given';
  return new RpcError(number, `the client refused what the server asked for: ${message}`);
}

function withMembers(
  params: Buffer | undefined,
  added: readonly (readonly [string, Buffer | string])[],
): Buffer | undefined {
  if (added.length === 0) return params;
  const bytes = params ?? Buffer.from('{}');
  return new Params(bytes, { start: 0, end: bytes.length }).withMembers(new Map(added));
}

/** 2026-07-28 has no code of its own for a resource that is not there. */
function inModernTerms(answer: Answer): Answer {
  if (answer.kind === 'result') return answer;
  const { body } = answer;
  const code = memberNamed(membersOf(body, 0), 'code');
  if (!code || body.toString('latin1', code.start, code.end) !== String(codes.resourceNotFound))
    return answer;
  const edit = { start: code.start, end: code.end, replacement: String(codes.invalidParams) };
  return { kind: 'error', body: splice(body, { start: 0, end: body.length }, [edit]) };
}
