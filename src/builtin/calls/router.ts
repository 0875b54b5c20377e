import type { CallGate } from './call-gate';
import type { Exposed, ServerRegistry } from '../catalogue/server-registry';
import type { Scope } from '../catalogue/scope';
import { shortText } from '../../platform/short-text';
import { allowsResource, isRestricted } from '../tokens/profile';
import type { ToolSearch } from '../catalogue/tool-search/tool-search';
import { checkParamHeaders } from './param-check';
import { Refusals } from './refusals';
import { matchesTemplate } from '../catalogue/uri-template';
import type { ListKind } from '../../mcp-wire/lists';
import type { RpcResponse } from '../../mcp-wire/rpc-response';
import { relay, type Call, type Target } from './relay';
import type { ServerHandle } from '../upstream/server/handle';
import { isObject, memberNamed, membersOf, stringValue, type Span } from '../../mcp-wire/json';
import { codes, RpcError } from '../../mcp-wire/rpc-error';

type Handler = (call: Call) => Promise<RpcResponse>;

/** Routes each request to its server, and answers list requests from the merged catalogue. */
export class Router {
  readonly #handlers = new Map<string, Handler>([
    ['ping', () => Promise.resolve(emptyResult)],
    ['tools/list', (call) => this.#list(call, 'tools')],
    ['prompts/list', (call) => this.#list(call, 'prompts')],
    ['resources/list', (call) => this.#list(call, 'resources')],
    ['resources/templates/list', (call) => this.#list(call, 'resourceTemplates')],
    ['tools/call', (call) => this.#callTool(call)],
    ['prompts/get', (call) => this.#named(call, 'prompts')],
    ['resources/read', (call) => this.#resource(call)],
    ['resources/subscribe', (call) => this.#subscribe(call)],
    ['resources/unsubscribe', (call) => this.#unsubscribe(call)],
    ['completion/complete', (call) => this.#complete(call)],
  ]);

  readonly refusals: Refusals;

  constructor(
    readonly registry: ServerRegistry,
    readonly gate: CallGate,
    readonly search: ToolSearch,
  ) {
    this.refusals = new Refusals(registry, gate);
  }

  /** Answers one request. Throws {@link RpcError}, or rejects with it, when the gateway itself refuses the request. */
  route(call: Call): Promise<RpcResponse> {
    const handler = this.#handlers.get(call.method) ?? this.#extensionHandler(call);
    if (!handler) {
      const method = shortText(call.method, longestMethod);
      throw new RpcError(codes.methodNotFound, `The method "${method}" is not supported.`, { status: 404 });
    }
    if (call.params.ambiguous)
      throw new RpcError(codes.invalidParams, 'A member of "params" that the gateway reads occurs twice.');
    return handler(call);
  }

  /**
   * An unknown method may be an extension. It is relayed at the endpoint of a single server. The gateway does not know what
   * it does, so tokens with restrictions may not use it.
   */
  #extensionHandler({ method, scope: { servers, prefixed, profile } }: Call): Handler | undefined {
    const [only] = servers;
    if (!only || prefixed || method.length > longestMethod) return undefined;
    if (isRestricted(profile)) return (call) => this.refusals.refuse(call, 'method', method);
    return (call) => this.#relay(call, { server: only, edits: [], name: '' });
  }

  async #list(call: Call, kind: ListKind): Promise<RpcResponse> {
    const cursor = call.params.member('cursor');
    if (cursor && call.params.bytes.toString('latin1', cursor.start, cursor.end) !== 'null')
      throw new RpcError(codes.invalidParams, 'The cursor is not valid, because the list has only one page.');
    await this.registry.whenListable(call.scope);
    for (const server of call.scope.servers) server.listsShown?.();
    if (kind === 'tools' && this.search.covers(call.scope))
      return { kind: 'result', body: this.search.listBytes(call.scope) };
    return { kind: 'result', body: this.registry.listBytes(call.scope, kind) };
  }

  #callTool(call: Call): Promise<RpcResponse> {
    return this.search.covers(call.scope) ? this.#searchedTool(call) : this.#named(call, 'tools');
  }

  async #searchedTool(call: Call): Promise<RpcResponse> {
    const taken = await this.search.resolve(call);
    return 'answer' in taken ? taken.answer : await this.#named(taken.call, 'tools');
  }

  #named(call: Call, kind: 'tools' | 'prompts'): Promise<RpcResponse> {
    const name = call.params.text('name');
    const at = call.params.member('name');
    if (name === undefined || !at) throw new RpcError(codes.invalidParams, '"params.name" must be a string.');
    const target = this.registry.entries(call.scope, kind).get(name);
    return target ? this.#relayNamed(call, kind, at, target) : this.#namedWhenSettled(call, kind, at, name);
  }

  async #namedWhenSettled(
    call: Call,
    kind: 'tools' | 'prompts',
    at: Span,
    name: string,
  ): Promise<RpcResponse> {
    const target = await this.#find(call.scope, kind, name);
    if (target) return await this.#relayNamed(call, kind, at, target);
    const noun = kind === 'tools' ? 'tool' : 'prompt';
    if (isRestricted(call.scope.profile)) return await this.refusals.refuse(call, noun, name);
    throw new RpcError(codes.invalidParams, `Unknown ${noun}: ${name}`);
  }

  #relayNamed(call: Call, kind: 'tools' | 'prompts', at: Span, target: Exposed): Promise<RpcResponse> {
    if (kind === 'tools' && call.headers) checkParamHeaders(target.item.bytes, call.params, call.headers);
    return this.#relay(call, renamed(at, target));
  }

  async #resource(call: Call): Promise<RpcResponse> {
    return await this.#atOwner(call, async (server, name) => this.#relay(call, { server, edits: [], name }));
  }

  async #subscribe(call: Call): Promise<RpcResponse> {
    const { session } = call.client;
    if (!session) throw new RpcError(codes.methodNotFound, `The method "${call.method}" needs a session.`);
    return await this.#atOwner(call, async (server, uri) => {
      const { method, params, signal, caller, scope } = call;
      const start = { caller, profile: scope.profile, server, method, name: uri, params, signal };
      return await this.gate.run(start, async () => {
        const lease = await server.lease(call.client, signal);
        try {
          return await lease.connection.subscribe(uri, session, (id, meta) =>
            params.forNextHop(id, [], meta),
          );
        } finally {
          lease.release();
        }
      });
    });
  }

  /** Ends the subscription at every server, because another server may list the resource now. */
  async #unsubscribe(call: Call): Promise<RpcResponse> {
    const { session } = call.client;
    const uri = call.params.text('uri');
    if (!session || uri === undefined)
      throw new RpcError(codes.invalidParams, '"params.uri" must be a string.');
    for (const server of call.scope.servers)
      if (server.isSubscribed(uri, session)) server.unsubscribe(uri, session);
    return await Promise.resolve(emptyResult);
  }

  async #atOwner(
    call: Call,
    work: (server: ServerHandle, uri: string) => Promise<RpcResponse>,
  ): Promise<RpcResponse> {
    const uri = call.params.text('uri');
    if (uri === undefined) throw new RpcError(codes.invalidParams, '"params.uri" must be a string.');
    if (!this.refusals.permits(call.scope, uri)) return await this.refusals.refuse(call, 'resource', uri);
    const owner = await this.ownerOf(call.scope, uri);
    return owner ? await work(owner, uri) : await this.#tryServers(call, uri, work);
  }

  /** The server that lists a resource or has a template for it, if the token may use it. */
  async ownerOf(scope: Scope, uri: string): Promise<ServerHandle | undefined> {
    await this.registry.whenSettled(scope);
    const owner = this.registry.entries(scope, 'resources').get(uri) ?? this.#templateFor(scope, uri);
    return owner && allowsResource(scope.profile, owner.server.name, uri) ? owner.server : undefined;
  }

  /** Tools may return URIs that are in no list. So every server with resources is tried, running servers first. */
  async #tryServers(
    call: Call,
    uri: string,
    work: (server: ServerHandle, uri: string) => Promise<RpcResponse>,
  ): Promise<RpcResponse> {
    let last: RpcResponse | undefined;
    const able = call.scope.servers.filter(
      ({ name, capabilities }) =>
        capabilities.has('resources') && allowsResource(call.scope.profile, name, uri),
    );
    const awake = able.filter(({ state }) => state === 'ready');
    const asleep = able.filter(({ state }) => state === 'idle');
    for (const server of [...awake, ...asleep]) {
      last = await work(server, uri).catch(asAnswer);
      if (last.kind === 'result') return last;
    }
    if (last) return last;
    const code = call.client.era === 'modern' ? codes.invalidParams : codes.resourceNotFound;
    throw new RpcError(code, `Resource not found: ${uri}`, { data: { uri } });
  }

  async #complete(call: Call): Promise<RpcResponse> {
    const { bytes } = call.params;
    const ref = call.params.member('ref');
    if (!isObject(bytes, ref)) throw new RpcError(codes.invalidParams, '"params.ref" must be an object.');
    const members = membersOf(bytes, ref.start);
    const name = memberNamed(members, 'name');
    const uri = stringValue(bytes, memberNamed(members, 'uri'));
    if (stringValue(bytes, memberNamed(members, 'type')) === 'ref/prompt' && name) {
      const target = await this.#find(call.scope, 'prompts', stringValue(bytes, name) ?? '');
      if (target) return await this.#relay(call, renamed(name, target));
    } else if (uri !== undefined) {
      await this.registry.whenSettled(call.scope);
      const owner =
        this.registry.entries(call.scope, 'resourceTemplates').get(uri) ?? this.#templateFor(call.scope, uri);
      if (owner && allowsResource(call.scope.profile, owner.server.name, uri))
        return await this.#relay(call, { server: owner.server, edits: [], name: uri });
    }
    if (isRestricted(call.scope.profile)) {
      const asked = uri ?? stringValue(bytes, name) ?? '';
      return await this.refusals.refuse(call, 'prompt or resource template', asked);
    }
    throw new RpcError(
      codes.invalidParams,
      'The reference in "params.ref" does not match any prompt or resource template.',
    );
  }

  #templateFor(scope: Scope, uri: string): Exposed | undefined {
    return [...this.registry.entries(scope, 'resourceTemplates').values()].find(({ name }) =>
      matchesTemplate(name, uri),
    );
  }

  /** Finds an entry by name. When it is not found, waits for the servers that are starting, and looks again. */
  async #find(scope: Scope, kind: 'tools' | 'prompts', name: string): Promise<Exposed | undefined> {
    const now = this.registry.entries(scope, kind).get(name);
    if (now) return now;
    this.registry.startUnlisted(scope);
    await this.registry.whenSettled(scope);
    return this.registry.entries(scope, kind).get(name);
  }

  /** Relays the call to its server through the gate. */
  #relay(call: Call, target: Target): Promise<RpcResponse> {
    const { method, params, signal, caller, scope } = call;
    const { server, name } = target;
    return this.gate.run(
      { caller, profile: scope.profile, server, method, name, params, signal },
      ({ traceparent }) => relay(call, target, traceparent),
    );
  }
}

/** Longer methods are refused. */
const longestMethod = 256;

const emptyResult: RpcResponse = { kind: 'result', body: Buffer.from('{}') };

/** When one server refuses or cannot be started, the next one is tried. */
function asAnswer(error: unknown): RpcResponse {
  if (!(error instanceof RpcError)) throw error;
  return { kind: 'error', body: error.toBytes() };
}

function renamed(at: Span, { server, item }: Exposed): Target {
  const replacement = JSON.stringify(item.identity);
  return { server, edits: [{ start: at.start, end: at.end, replacement }], name: item.identity };
}
