import type { IncomingHttpHeaders } from 'node:http';
import type { CancelSignal } from '../../platform/cancel-signal';
import { deadline } from '../../platform/deadline';
import { sentence } from '../../platform/sentence';
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

/** One request of a client for a server. */
export interface Call {
  method: string;
  params: Params;
  /** The servers and entries that the client can see. */
  scope: Scope;
  client: Client;
  /** Identifies the client in the record of the call. */
  caller: Caller;
  /** The headers that repeat parts of the request, if the transport and the era have them. */
  headers?: IncomingHttpHeaders | undefined;
  signal: CancelSignal;
  /** Relays notifications and server requests that belong to the call to the client. */
  link: CallLink;
}

/** The target of a request: the server, the edits of the params, and the name or URI for headers. */
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

/** How many times a server may return `input_required` for one call. */
const maximumRounds = 16;

/**
 * Relays one request to a server, and returns the response in the form of the client's era.
 *
 * Params and results are relayed as bytes. Only the name, the progress token and the `_meta` keys of the hop are replaced.
 * When the eras differ, the relay translates: if a modern server returns `input_required` (2026-07-28) for a call of a
 * session, its requests are sent to the client as server requests, and the call is repeated with the responses. The other
 * direction, a modern client and a legacy server, is in {@link OpenCall}. `_meta` keys with the prefix
 * `io.modelcontextprotocol/` belong to one hop and are never passed on. See
 * https://modelcontextprotocol.io/specification/2025-11-25/basic (`_meta`).
 */
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

/** The log level as JSON. For a session without a level it is `info`, which most servers use by default. */
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

/** Translates a response of 2026-07-28: removes `_meta` keys of the hop, and sends requests for input to a session. */
async function translate(hop: Hop, first: RpcResponse): Promise<RpcResponse> {
  const { call, target } = hop;
  let answer = first;
  for (let round = 0; call.client.era === 'legacy' && needsInput(answer); round += 1) {
    if (round === maximumRounds)
      throw new RpcError(
        codes.internal,
        `The server "${target.server.name}" requested input more than ${maximumRounds} times for one call.`,
      );
    answer = await send(hop, await input(call, answer.body));
  }
  return answer.kind === 'error' ? answer : { kind: 'result', body: withoutHopMeta(answer.body) };
}

function needsInput(answer: RpcResponse): boolean {
  if (answer.kind === 'error') return false;
  return stringValue(answer.body, memberNamed(membersOf(answer.body, 0), 'resultType')) === 'input_required';
}

/** Sends the requests for input to the client. Resolves with the members to add to the repeated call. */
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

/** Sends all requests at once. Throws when the client refuses one of them; the others are cancelled then. */
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
  if (method === undefined)
    throw new RpcError(codes.internal, 'The server sent a request for input without a method.');
  const params = memberNamed(members, 'params');
  return { method, params: new Params(body, params), signal, progress: () => undefined };
}

/** The error of the call when the client refuses a request for input. */
function refusedBy(error: Buffer): RpcError {
  const members = membersOf(error, 0);
  const code = memberNamed(members, 'code');
  const number = code ? Number(error.toString('latin1', code.start, code.end)) : codes.internal;
  const message = stringValue(error, memberNamed(members, 'message')) ?? 'no reason given';
  return new RpcError(number, sentence(`The client refused a request of the server: ${message}`));
}

function withMembers(params: Buffer | undefined, added: readonly AddedMember[]): Buffer | undefined {
  if (added.length === 0) return params;
  const bytes = params ?? Buffer.from('{}');
  return new Params(bytes, { start: 0, end: bytes.length }).withMembers(new Map(added));
}

/** 2026-07-28 has no special error code for a missing resource, so the code is replaced. */
function asModernError(answer: RpcResponse): RpcResponse {
  if (answer.kind === 'result') return answer;
  const { body } = answer;
  const code = memberNamed(membersOf(body, 0), 'code');
  if (!code || body.toString('latin1', code.start, code.end) !== String(codes.resourceNotFound))
    return answer;
  const edit = { start: code.start, end: code.end, replacement: String(codes.invalidParams) };
  return { kind: 'error', body: splice(body, { start: 0, end: body.length }, [edit]) };
}
