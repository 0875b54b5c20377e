import type { IncomingMessage } from 'node:http';
import { deadline } from '../../../platform/deadline';
import { messageOf } from '../../../platform/errors';
import { version } from '../../../platform/version';
import type { ServerDefinition } from '../../../servers/schema';
import { errorBytes, resultBytes, scanMessage, type RequestMessage } from '../../../mcp-wire/envelope';
import { isObject, memberNamed, membersOf, stringValue } from '../../../mcp-wire/json';
import { codes, RpcError } from '../../../mcp-wire/rpc-error';
import type { Transport, TransportEvents, SendContext } from './transport';
import { defaultResultLimit, readBody } from './http-body';
import { HttpClient } from './http-client';
import { argumentCheck, type ArgumentCheck } from './rest/argument-check';
import { guardedLookup } from './rest/address-guard';
import { decode } from './rest/decode';
import { listed, operationOf, type Operation } from './rest/operation';
import { expandAuth, requestOf, type RestApi, type ApiRequest } from './rest/request';
import { failure, resultOf } from './rest/result';
import { Arguments } from './rest/template';

export type RestDefinition = Extract<ServerDefinition, { type: 'rest' }>;

const maximumRedirects = 3;

/** An MCP server inside the gateway that offers a REST API as tools. Throws when a variable has no value. */
export class RestTransport implements Transport {
  readonly pid = null;
  readonly url: string;
  readonly #api: RestApi;
  readonly #operations: ReadonlyMap<string, Operation>;
  readonly #client: HttpClient;
  readonly #checks = new Map<Operation, Promise<ArgumentCheck>>();

  constructor(
    readonly definition: RestDefinition,
    expand: (text: string) => string,
    readonly events: TransportEvents,
    readonly resultLimit = defaultResultLimit,
  ) {
    const { auth, headers, tools, allowHosts = [] } = definition;
    this.#api = {
      baseUrl: new URL(expand(definition.baseUrl)),
      headers: Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, expand(value)])),
      auth: auth && expandAuth(auth, expand),
    };
    const { origin, pathname } = this.#api.baseUrl;
    this.url = `${origin}${pathname}`;
    this.#operations = new Map(tools.map((tool) => [tool.name, operationOf(tool, expand)]));
    this.#client = new HttpClient({ lookup: guardedLookup(allowHosts) });
  }

  async send(bytes: Buffer, context?: SendContext): Promise<void> {
    const message = scanMessage(bytes);
    if (message.kind !== 'request') return;
    try {
      const result = await this.#answer(message, context?.signal);
      if (context?.signal?.aborted !== true)
        this.events.message(resultBytes(message.id, result), context?.id);
    } catch (error) {
      const known = error instanceof RpcError ? error : new RpcError(codes.internal, messageOf(error));
      this.events.message(errorBytes(message.id, known.toBytes()), context?.id);
    }
  }

  negotiated(): void {
    // Nothing to do: there are no headers to repeat.
  }

  close(): Promise<void> {
    this.#client.dispose();
    return Promise.resolve();
  }

  async #answer(message: RequestMessage, signal: AbortSignal | undefined): Promise<Buffer> {
    switch (message.method) {
      case 'initialize':
        return Buffer.from(JSON.stringify(this.#initializeResult()));
      case 'ping':
        return Buffer.from('{}');
      case 'tools/list':
        return Buffer.from(JSON.stringify({ tools: [...this.#operations.values()].map(listed) }));
      case 'tools/call':
        return await this.#call(message, signal);
      default:
        throw new RpcError(codes.methodNotFound, `The method "${message.method}" is not supported.`);
    }
  }

  #initializeResult(): object {
    return {
      protocolVersion: '2025-11-25',
      capabilities: { tools: {} },
      serverInfo: { name: this.#api.baseUrl.host, version },
    };
  }

  async #call({ bytes, params }: RequestMessage, signal: AbortSignal | undefined): Promise<Buffer> {
    const members = params ? membersOf(bytes, params.start) : [];
    const name = stringValue(bytes, memberNamed(members, 'name'));
    const operation = this.#operations.get(name ?? '');
    if (!operation) throw new RpcError(codes.invalidParams, `There is no tool "${name ?? ''}".`);
    const given = memberNamed(members, 'arguments');
    const args = new Arguments(bytes, isObject(bytes, given) ? given : undefined);
    const problem = (await this.#checkOf(operation))(args);
    if (problem !== undefined) return failure(problem);
    const { timeoutSeconds } = operation.tool;
    const limit = deadline(signal ? [signal] : [], timeoutSeconds * 1000);
    try {
      return await this.#perform(requestOf(this.#api, operation, args), limit.signal);
    } catch (error) {
      // When the client has cancelled the call, nothing is sent.
      const late = limit.signal.aborted;
      return failure(late ? `The API did not answer within ${timeoutSeconds} s.` : messageOf(error));
    } finally {
      limit.dispose();
    }
  }

  /** When the schema cannot be used, the tool still works, without the check. */
  async #checkOf(operation: Operation): Promise<ArgumentCheck> {
    const known = this.#checks.get(operation);
    const check =
      known ??
      argumentCheck(operation).catch((error: unknown) => {
        const { name } = operation.tool;
        const problem = `The input schema of "${name}" cannot be used (${messageOf(error)})`;
        this.events.log(`[gateway] ${problem}, so its arguments are not checked. Correct servers.json.`);
        return () => undefined;
      });
    this.#checks.set(operation, check);
    return await check;
  }

  async #perform(request: ApiRequest, signal: AbortSignal): Promise<Buffer> {
    let { url } = request;
    for (let redirects = 0; ; redirects += 1) {
      const response = await this.#client.request(url, { ...request, signal });
      const next = redirectTarget(response, url, request.method);
      if (!next) {
        const limit = this.resultLimit();
        const received = await readBody(response, limit);
        const body = await decode(received, response.headers['content-encoding'], limit);
        const status = response.statusCode ?? 0;
        return resultOf({ status, headers: response.headers, body, url: `${url.origin}${url.pathname}` });
      }
      response.destroy();
      // Credentials must go only to the API itself.
      if (next.origin !== url.origin || redirects >= maximumRedirects)
        return failure(`The API redirects to ${next.origin}${next.pathname}. This redirect is not followed.`);
      url = next;
    }
  }
}

/** The target of a redirect that repeats the request. A request that may change something is not repeated by itself. */
function redirectTarget(response: IncomingMessage, from: URL, method: string): URL | undefined {
  const { location } = response.headers;
  const status = response.statusCode ?? 0;
  const repeats = status === 307 || status === 308;
  const moved =
    (status === 301 || status === 302 || status === 303) && (method === 'GET' || method === 'HEAD');
  if (location === undefined || (!repeats && !moved) || !URL.canParse(location, from.href)) return undefined;
  return new URL(location, from);
}
