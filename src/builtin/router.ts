import type { Caller, CallGate } from './calls';
import type { Exposed, Fleet, Scope } from './fleet';
import { matchesTemplate } from './uri-template';
import type { ListKind } from './upstream/catalogue';
import type { Answer } from './upstream/peer';
import type { UpstreamServer } from './upstream/server';
import { splice, type Edit } from './wire/envelope';
import { isObject, memberNamed, membersOf, stringValue, type Span } from './wire/json';
import type { Params } from './wire/params';
import { codes, RpcError } from './wire/rpc-error';

/** One request of a client, on its way to a server. */
export interface Call {
  method: string;
  params: Params;
  scope: Scope;
  signal: AbortSignal;
  caller: Caller;
  /** Progress for this request alone: the params with the client's own token in them. */
  progress(params: Buffer): void;
}

type Handler = (call: Call) => Promise<Answer>;

/** Sends each request to the one server that it is for, and answers lists from the merged catalogue. */
export class Router {
  readonly #handlers = new Map<string, Handler>([
    ['ping', () => Promise.resolve(emptyResult)],
    ['tools/list', async (call) => this.#list(call, 'tools')],
    ['prompts/list', async (call) => this.#list(call, 'prompts')],
    ['resources/list', async (call) => this.#list(call, 'resources')],
    ['resources/templates/list', async (call) => this.#list(call, 'resourceTemplates')],
    ['tools/call', async (call) => this.#named(call, 'tools')],
    ['prompts/get', async (call) => this.#named(call, 'prompts')],
    ['resources/read', async (call) => this.#resource(call)],
    ['resources/subscribe', async (call) => this.#resource(call)],
    ['resources/unsubscribe', async (call) => this.#resource(call)],
    ['completion/complete', async (call) => this.#complete(call)],
    ['logging/setLevel', async (call) => this.#toAll(call, 'logging')],
  ]);

  constructor(
    readonly fleet: Fleet,
    readonly gate: CallGate,
  ) {}

  /** Answers one request. Throws {@link RpcError} for what the gateway itself refuses. */
  async route(call: Call): Promise<Answer> {
    const handler = this.#handlers.get(call.method);
    if (!handler)
      throw new RpcError(codes.methodNotFound, `the method "${call.method}" is not known`, { status: 404 });
    if (call.params.ambiguous)
      throw new RpcError(codes.invalidParams, 'a member that decides the route stands twice in "params"');
    return await handler(call);
  }

  async #list(call: Call, kind: ListKind): Promise<Answer> {
    if (call.params.member('cursor'))
      throw new RpcError(codes.invalidParams, 'the cursor is not valid: the list has one page');
    await this.fleet.whenListable(call.scope);
    return { kind: 'result', body: this.fleet.listBytes(call.scope, kind) };
  }

  async #named(call: Call, kind: 'tools' | 'prompts'): Promise<Answer> {
    const name = call.params.text('name');
    const at = call.params.member('name');
    if (name === undefined || !at) throw new RpcError(codes.invalidParams, '"params.name" must be a string');
    const target = await this.#find(call.scope, kind, name);
    if (!target) throw unknownName(call.scope, this.fleet, kind, name);
    return await this.#relay(call, target.server, target.item.identity, [renamed(at, target)]);
  }

  async #resource(call: Call): Promise<Answer> {
    const uri = call.params.text('uri');
    if (uri === undefined) throw new RpcError(codes.invalidParams, '"params.uri" must be a string');
    await this.fleet.whenSettled(call.scope);
    const owner = this.fleet.entries(call.scope, 'resources').get(uri) ?? this.#templateFor(call.scope, uri);
    if (owner) return await this.#relay(call, owner.server, uri, []);
    return await this.#askInTurn(call, uri);
  }

  /** Tools may name resources that no list has: every server with resources is asked until one knows it. */
  async #askInTurn(call: Call, uri: string): Promise<Answer> {
    let last: Answer | undefined;
    for (const server of call.scope.servers.filter(
      ({ state, capabilities }) => state === 'ready' && capabilities.has('resources'),
    )) {
      last = await this.#relay(call, server, uri, []);
      if (last.kind === 'result') return last;
    }
    if (last) return last;
    throw new RpcError(codes.resourceNotFound, `Resource not found: ${uri}`, { data: { uri } });
  }

  async #complete(call: Call): Promise<Answer> {
    const { bytes } = call.params;
    const ref = call.params.member('ref');
    if (!isObject(bytes, ref)) throw new RpcError(codes.invalidParams, '"params.ref" must be an object');
    const members = membersOf(bytes, ref.start);
    const name = memberNamed(members, 'name');
    const uri = stringValue(bytes, memberNamed(members, 'uri'));
    if (stringValue(bytes, memberNamed(members, 'type')) === 'ref/prompt' && name) {
      const target = await this.#find(call.scope, 'prompts', stringValue(bytes, name) ?? '');
      if (target)
        return await this.#relay(call, target.server, target.item.identity, [renamed(name, target)]);
    } else if (uri !== undefined) {
      await this.fleet.whenSettled(call.scope);
      const owner =
        this.fleet.entries(call.scope, 'resourceTemplates').get(uri) ?? this.#templateFor(call.scope, uri);
      if (owner) return await this.#relay(call, owner.server, uri, []);
    }
    throw new RpcError(codes.invalidParams, 'the reference names nothing that is known here');
  }

  async #toAll(call: Call, capability: string): Promise<Answer> {
    const able = call.scope.servers.filter(
      (server) => server.state === 'ready' && server.capabilities.has(capability),
    );
    await Promise.allSettled(able.map(async (server) => this.#relay(call, server, '', [])));
    return emptyResult;
  }

  #templateFor(scope: Scope, uri: string): Exposed | undefined {
    return [...this.fleet.entries(scope, 'resourceTemplates').values()].find(({ name }) =>
      matchesTemplate(name, uri),
    );
  }

  /** Looks a name up; while servers are still starting it may be one of theirs, so it waits for them before it says no. */
  async #find(scope: Scope, kind: 'tools' | 'prompts', name: string): Promise<Exposed | undefined> {
    const now = this.fleet.entries(scope, kind).get(name);
    if (now) return now;
    this.fleet.learn(scope);
    await this.fleet.whenSettled(scope);
    return this.fleet.entries(scope, kind).get(name);
  }

  /** Sends the call to its one server; `name` is the server's own name of what is used. */
  async #relay(call: Call, server: UpstreamServer, name: string, edits: readonly Edit[]): Promise<Answer> {
    const { method, params, signal, caller, scope } = call;
    const token = params.progressToken;
    const onProgress =
      token === undefined
        ? undefined
        : (note: Buffer, at: Span): void =>
            call.progress(splice(note, { start: 0, end: note.length }, [{ ...at, replacement: token }]));
    return await this.gate.run(
      { caller, profile: scope.profile, server, method, name, params, signal },
      async ({ traceparent }) =>
        await server.request(method, (id) => params.forNextHop(id, edits, traceparent), {
          signal,
          ...(onProgress ? { onProgress } : {}),
        }),
    );
  }
}

const emptyResult: Answer = { kind: 'result', body: Buffer.from('{}') };

function unknownName(scope: Scope, fleet: Fleet, kind: 'tools' | 'prompts', name: string): RpcError {
  const noun = kind === 'tools' ? 'tool' : 'prompt';
  const hidden = fleet
    .entries(scope.key === '*' ? fleet.all : (fleet.one(scope.key) ?? scope), kind)
    .has(name);
  return new RpcError(
    codes.invalidParams,
    hidden ? `the token "${scope.profile.name}" may not use the ${noun} ${name}` : `Unknown ${noun}: ${name}`,
  );
}

function renamed(at: Span, target: Exposed): Edit {
  return { start: at.start, end: at.end, replacement: JSON.stringify(target.item.identity) };
}
