import type { IncomingHttpHeaders } from 'node:http';
import type { CancelSignal } from '../../platform/cancel-signal';
import { deadline } from '../../platform/deadline';
import type { Caller } from '../client/caller';
import type { Client } from '../client/client';
import type { Scope } from '../catalogue/scope';
import type { CallLink, ServerRequest } from '../client/call-link';
import type { Connection } from '../upstream/connection/connection';
import { withoutHopMeta } from '../upstream/connection/envelope-meta';
import type { RpcResponse } from '../../mcp-wire/rpc-response';
import type { ServerHandle } from '../upstream/server/handle';
import { splice, type Edit } from '../../mcp-wire/envelope';
import { isObject, memberNamed, membersOf, stringValue, type Member, type Span } from '../../mcp-wire/json';
import { hopPrefix } from '../../mcp-wire/modern-era';
import { jsonObject, Params } from '../../mcp-wire/params';
import { codes, RpcError } from '../../mcp-wire/rpc-error';

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
  signal: CancelSignal;
  /** How what belongs to the call reaches the client until it is answered. */
  link: CallLink;
}

/** What the request becomes for the server: spans of the params replaced, and the name or URI that headers repeat. */
export interface Target {
  server: ServerHandle;
  edits: readonly Edit[];
  /** Empty where the method has none. */
  name: string;
}

interface Hop {
  call: Call;
  target: Target;
  connection: Connection;
  traceparent: string | undefined;
}

type AddedMember = readonly [string, Buffer | string];

const none: readonly AddedMember[] = [];
const logLevelKey = `${hopPrefix}logLevel`;

/** How often a server may ask for more input before it answers one call. */
const maximumRounds = 16;

/** Relays one request to a server and brings its answer back in the form of the client's era. */
export async function relay(
  call: Call,
  target: Target,
  traceparent: string | undefined,
): Promise<RpcResponse> {
  const { server } = target;
  const leased = server.lease(call.client, call.signal);
  const { connection, release } = leased instanceof Promise ? await leased : leased;
  let answer: RpcResponse | undefined;
  try {
    const hop = { call, target, connection, traceparent };
    answer = await send(hop, none);
    if (connection.era === 'modern') answer = await translate(hop, answer);
    else if (call.client.era === 'modern') answer = asModernError(answer);
    return answer;
  } finally {
    release();
    server.count(answer);
  }
}

function send(
  { call, target, connection, traceparent }: Hop,
  added: readonly AddedMember[],
): Promise<RpcResponse> {
  const { params } = call;
  const token = params.progressToken;
  const levelText = params.metaText(logLevelKey);
  if (levelText !== undefined) connection.wantLevel(levelText);
  return connection.request(
    call.method,
    (id, meta) => withMembers(params.forNextHop(id, target.edits, meta), added),
    {
      signal: call.signal,
      timeoutMs: target.server.definition.timeoutSeconds * 1000,
      caller: call.link,
      client: call.client,
      name: target.name === '' ? undefined : target.name,
      traceparent,
      logLevel: connection.era === 'modern' ? logLevelFor(call) : undefined,
      onProgress: token === undefined ? undefined : progressTo(call, token),
    },
  );
}

/** As JSON. A session that asked for no level gets what most servers would send by themselves. */
function logLevelFor({ client, params }: Call): string | undefined {
  if (client.era === 'legacy') return JSON.stringify(client.logLevel ?? 'info');
  const level = params.meta(logLevelKey);
  return level && params.bytes.toString('utf8', level.start, level.end);
}

function progressTo(call: Call, token: string) {
  return (params: Buffer, at: Span): void => {
    const own = splice(params, { start: 0, end: params.length }, [{ ...at, replacement: token }]);
    call.link.notify('notifications/progress', own);
  };
}

/** An answer of 2026-07-28: what belongs to the server's hop goes, and a session is asked what the server wants to know. */
async function translate(hop: Hop, first: RpcResponse): Promise<RpcResponse> {
  const { call, target } = hop;
  let answer = first;
  for (let round = 0; call.client.era === 'legacy' && needsInput(answer); round += 1) {
    if (round === maximumRounds)
      throw new RpcError(codes.internal, `server "${target.server.name}" asks for input again and again`);
    answer = await send(hop, await input(call, answer.body));
  }
  return answer.kind === 'error' ? answer : { kind: 'result', body: withoutHopMeta(answer.body) };
}

function needsInput(answer: RpcResponse): boolean {
  if (answer.kind === 'error') return false;
  return stringValue(answer.body, memberNamed(membersOf(answer.body, 0), 'resultType')) === 'input_required';
}

/** Asks the client everything that the server wants to know, and makes the members that the next round adds. */
async function input(call: Call, body: Buffer): Promise<AddedMember[]> {
  const members = membersOf(body, 0);
  const requests = memberNamed(members, 'inputRequests');
  const asked = isObject(body, requests) ? membersOf(body, requests.start) : [];
  const responses = await allResponses(call, body, asked);
  const state = memberNamed(members, 'requestState');
  return [
    ...(asked.length > 0 ? [['inputResponses', jsonObject(responses)] as const] : []),
    ...(state ? [['requestState', body.subarray(state.start, state.end)] as const] : []),
  ];
}

/** Throws when one of them is refused; the others are taken back then. */
async function allResponses(call: Call, body: Buffer, asked: readonly Member[]): Promise<Buffer[]> {
  const round = deadline([call.signal]);
  try {
    return await Promise.all(
      asked.map(async (request) => {
        const answer = await call.link.request(serverRequestAt(body, request, round.signal));
        if (answer.kind === 'error') throw refusedBy(answer.body);
        return Buffer.concat([Buffer.from(`${JSON.stringify(request.key)}:`), answer.body]);
      }),
    );
  } finally {
    round.end();
  }
}

function serverRequestAt(body: Buffer, request: Span, signal: AbortSignal): ServerRequest {
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

function withMembers(params: Buffer | undefined, added: readonly AddedMember[]): Buffer | undefined {
  if (added.length === 0) return params;
  const bytes = params ?? Buffer.from('{}');
  return new Params(bytes, { start: 0, end: bytes.length }).withMembers(new Map(added));
}

/** 2026-07-28 has no code of its own for a resource that is not there. */
function asModernError(answer: RpcResponse): RpcResponse {
  if (answer.kind === 'result') return answer;
  const { body } = answer;
  const code = memberNamed(membersOf(body, 0), 'code');
  if (!code || body.toString('latin1', code.start, code.end) !== String(codes.resourceNotFound))
    return answer;
  const edit = { start: code.start, end: code.end, replacement: String(codes.invalidParams) };
  return { kind: 'error', body: splice(body, { start: 0, end: body.length }, [edit]) };
}
