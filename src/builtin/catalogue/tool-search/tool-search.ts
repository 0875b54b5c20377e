import type { IncomingHttpHeaders } from 'node:http';
import { entryBytes, type CatalogueEntry } from '../merged';
import { joined } from '../../../mcp-wire/params';
import type { ServerRegistry } from '../server-registry';
import type { Scope } from '../scope';
import type { RpcResponse } from '../../../mcp-wire/rpc-response';
import { isObject, memberNamed, membersOf, stringValue, type Member } from '../../../mcp-wire/json';
import { Params } from '../../../mcp-wire/params';
import { codes, RpcError } from '../../../mcp-wire/rpc-error';
import { callTool, defaultLimit, findTool, maximumLimit, ownTools } from './own-tools';
import { savings, type Savings } from './savings';
import { ToolIndex } from './tool-index';

/** What tool search reads of a call. */
export interface SearchedCall {
  params: Params;
  scope: Scope;
  headers?: IncomingHttpHeaders | undefined;
}

/**
 * Shows `find_tool` and `call_tool` instead of the list of all tools, when the servers file says so. The endpoints of
 * single servers keep their lists. A client that knows the name of a tool can still call it directly.
 */
export class ToolSearch {
  /** By merged list. The list is another object whenever something has changed. */
  readonly #indexes = new WeakMap<ReadonlyMap<string, CatalogueEntry>, Promise<ToolIndex>>();
  readonly #lists = new WeakMap<ReadonlyMap<string, CatalogueEntry>, Buffer>();

  constructor(readonly registry: ServerRegistry) {}

  /** Whether the scope shows the two tools instead of its list. */
  covers(scope: Scope): boolean {
    return this.registry.toolSearch && scope.prefixed;
  }

  /** The result of `tools/list`. */
  listBytes(scope: Scope): Buffer {
    const tools = this.registry.entries(scope, 'tools');
    const known = this.#lists.get(tools);
    if (known) return known;
    const servers = [...new Set([...tools.values()].map(({ server }) => server.name))];
    const bytes = Buffer.from(JSON.stringify({ tools: ownTools(servers, tools.size) }));
    this.#lists.set(tools, bytes);
    return bytes;
  }

  /**
   * Resolves a `tools/call`: `find_tool` is answered here, `call_tool` becomes the call that it describes, and any other
   * call is unchanged.
   */
  async resolve<C extends SearchedCall>(call: C): Promise<{ answer: RpcResponse } | { call: C }> {
    const name = call.params.text('name');
    if (name === findTool) return { answer: await this.#find(call) };
    return { call: name === callTool ? requestedCall(call) : call };
  }

  /** How many tokens the two tools save. `undefined` while the full list is shown. */
  savings(): Savings | undefined {
    const scope = this.registry.all;
    if (!this.covers(scope)) return undefined;
    return savings(this.registry.listBytes(scope, 'tools').length, this.listBytes(scope).length);
  }

  async #find(call: SearchedCall): Promise<RpcResponse> {
    const { query, limit } = searchRequest(call.params);
    await this.registry.whenListable(call.scope);
    const tools = this.registry.entries(call.scope, 'tools');
    const index = this.#indexes.get(tools) ?? ToolIndex.of(tools);
    this.#indexes.set(tools, index);
    const found = Buffer.concat([
      Buffer.from('{"tools":['),
      ...joined((await index).best(query, limit).map(entryBytes)),
      Buffer.from(']}'),
    ]);
    const full = this.registry.listBytes(call.scope, 'tools').length;
    const saved = savings(full, this.listBytes(call.scope).length + found.length);
    const text = JSON.stringify([{ type: 'text', text: found.toString('utf8') }]);
    const body = Buffer.concat([
      Buffer.from(`{"content":${text},"structuredContent":`),
      found,
      Buffer.from(`,"_meta":${JSON.stringify({ 'devcontainer-gateway/tokens': saved })}}`),
    ]);
    return { kind: 'result', body };
  }
}

function searchRequest(params: Params): { query: string; limit: number } {
  const members = argumentsOf(params);
  const query = stringValue(params.bytes, memberNamed(members, 'query'));
  if (query === undefined)
    throw new RpcError(
      codes.invalidParams,
      `"${findTool}" needs the argument "query": a string that says what the tool should do.`,
    );
  const limit = memberNamed(members, 'limit');
  const count = limit ? Number(params.bytes.toString('latin1', limit.start, limit.end)) : defaultLimit;
  if (!Number.isInteger(count) || count < 1)
    throw new RpcError(
      codes.invalidParams,
      `The argument "limit" of "${findTool}" must be an integer from 1 to ${maximumLimit}.`,
    );
  return { query, limit: Math.min(count, maximumLimit) };
}

/** The call that the arguments describe. Its name and arguments are the client's bytes. */
function requestedCall<C extends SearchedCall>(call: C): C {
  const { bytes } = call.params;
  const members = argumentsOf(call.params);
  const name = memberNamed(members, 'name');
  const args = memberNamed(members, 'arguments');
  if (stringValue(bytes, name) === undefined || !name)
    throw new RpcError(
      codes.invalidParams,
      `"${callTool}" needs the argument "name": the name of a tool that ${findTool} has returned.`,
    );
  if (args && !isObject(bytes, args))
    throw new RpcError(codes.invalidParams, `The argument "arguments" of "${callTool}" must be an object.`);
  const replaced = new Map<string, Buffer | string>([
    ['name', bytes.subarray(name.start, name.end)],
    ['arguments', args ? bytes.subarray(args.start, args.end) : '{}'],
  ]);
  const own = call.params.withMembers(replaced);
  // The headers repeat the arguments of the received call, which was already checked.
  return { ...call, headers: undefined, params: new Params(own, { start: 0, end: own.length }) };
}

function argumentsOf(params: Params): readonly Member[] {
  const args = params.member('arguments');
  const members = isObject(params.bytes, args) ? membersOf(params.bytes, args.start) : [];
  const keys = members.map(({ key }) => key);
  if (new Set(keys).size !== keys.length)
    throw new RpcError(codes.invalidParams, 'A member of "arguments" occurs twice.');
  return members;
}
