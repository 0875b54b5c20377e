import { entryBytes, type CatalogueEntry } from '../merged';
import { joined } from '../../../mcp-wire/params';
import type { ServerRegistry } from '../server-registry';
import type { Scope } from '../scope';
import type { Call } from '../../calls/relay';
import type { RpcResponse } from '../../upstream/connection/peer';
import { isObject, memberNamed, membersOf, stringValue, type Member } from '../../../mcp-wire/json';
import { Params } from '../../../mcp-wire/params';
import { codes, RpcError } from '../../../mcp-wire/rpc-error';
import { callTool, defaultLimit, findTool, maximumLimit, ownTools } from './own-tools';
import { savings, type Savings } from './savings';
import { ToolIndex } from './tool-index';

/**
 * `find_tool` and `call_tool` in place of the list of all tools, where the servers file asks for it. The end points of
 * single servers keep their lists, and a client that knows a tool's name can still call it by that name.
 */
export class ToolSearch {
  /** By the merged list they were made of, which is another one whenever something has changed. */
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
   * What becomes of a `tools/call`: the answer to `find_tool`, or the call that `call_tool` is for. A call of any other
   * name is left as it is.
   */
  async resolve(call: Call): Promise<{ answer: RpcResponse } | { call: Call }> {
    const name = call.params.text('name');
    if (name === findTool) return { answer: await this.#find(call) };
    return { call: name === callTool ? requestedCall(call) : call };
  }

  /** How many tokens the two tools save; `undefined` while the full list is shown. */
  savings(): Savings | undefined {
    const scope = this.registry.all;
    if (!this.covers(scope)) return undefined;
    return savings(this.registry.listBytes(scope, 'tools').length, this.listBytes(scope).length);
  }

  async #find(call: Call): Promise<RpcResponse> {
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
      `"${findTool}" needs "query": what the tool should do, as a string`,
    );
  const limit = memberNamed(members, 'limit');
  const count = limit ? Number(params.bytes.toString('latin1', limit.start, limit.end)) : defaultLimit;
  if (!Number.isInteger(count) || count < 1)
    throw new RpcError(
      codes.invalidParams,
      `"limit" of "${findTool}" must be an integer from 1 to ${maximumLimit}`,
    );
  return { query, limit: Math.min(count, maximumLimit) };
}

/** The call that the arguments describe: all bytes but the name's place are the client's. */
function requestedCall(call: Call): Call {
  const { bytes } = call.params;
  const members = argumentsOf(call.params);
  const name = memberNamed(members, 'name');
  const args = memberNamed(members, 'arguments');
  if (stringValue(bytes, name) === undefined || !name)
    throw new RpcError(
      codes.invalidParams,
      `"${callTool}" needs "name": the name of a tool that ${findTool} found`,
    );
  if (args && !isObject(bytes, args))
    throw new RpcError(codes.invalidParams, `"arguments" of "${callTool}" must be an object`);
  const replaced = new Map<string, Buffer | string>([
    ['name', bytes.subarray(name.start, name.end)],
    ['arguments', args ? bytes.subarray(args.start, args.end) : '{}'],
  ]);
  const own = call.params.withMembers(replaced);
  // The headers repeat the arguments of the call that came; that one has been checked.
  return { ...call, headers: undefined, params: new Params(own, { start: 0, end: own.length }) };
}

function argumentsOf(params: Params): readonly Member[] {
  const args = params.member('arguments');
  const members = isObject(params.bytes, args) ? membersOf(params.bytes, args.start) : [];
  const keys = members.map(({ key }) => key);
  if (new Set(keys).size !== keys.length)
    throw new RpcError(codes.invalidParams, 'a member of "arguments" stands twice');
  return members;
}
