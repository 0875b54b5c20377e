import {
  Client,
  StreamableHTTPClientTransport,
  type RequestOptions as SdkOptions,
} from '@modelcontextprotocol/client';
import * as v from 'valibot';
import { AppError } from '../../platform/errors';
import { version } from '../../platform/version';
import {
  PromptName,
  ServerName,
  ToolName,
  type Chunk,
  type Driver,
  type JsonObjectText,
  type PromptInfo,
  type PromptResult,
  type RequestOptions,
  type ResourceInfo,
  type ServerInfo,
  type Session,
  type ToolInfo,
} from '../driver';
import type { GatewayTarget } from '../resolve/target';
import { asAppError } from './errors';
import { AsyncQueue } from './queue';
import { parsePromptResult, parseResource, parseToolResult } from './results';
import { Taps, type Tap } from './tap';
import { product } from '../../platform/product';

const connectTimeoutMs = 30_000;
const requestTimeoutMs = 60_000;
/** Asks a server of 2026-07-28 for its log messages, which it keeps to itself otherwise. */
const logLevelKey = 'io.modelcontextprotocol/logLevel';

class HttpSession implements Session {
  readonly kind = 'http';
  readonly taps = new Taps();
  readonly calls = new Set<AsyncQueue<Chunk>>();
  readonly client = new Client(
    { name: product.command, title: product.title, version },
    { versionNegotiation: { mode: 'auto' } },
  );
  readonly transport: StreamableHTTPClientTransport;

  constructor(url: URL, token: string | undefined) {
    this.transport = new StreamableHTTPClientTransport(url, {
      fetch: this.taps.fetch,
      ...(token === undefined ? {} : { authProvider: { token: () => Promise.resolve(token) } }),
    });
    this.client.setNotificationHandler('notifications/message', ({ params }) => {
      const { level, logger, data } = params;
      for (const call of this.calls) call.push({ type: 'log', level, logger, data });
    });
  }

  get era(): 'legacy' | 'modern' {
    return this.client.getProtocolEra() ?? 'legacy';
  }

  /** What the gateway calls itself. */
  get gateway(): { name: string; version: string } | undefined {
    return this.client.getServerVersion();
  }
}

/** Any MCP end point, by Streamable HTTP in either protocol era. It counts as one server. */
export class HttpDriver implements Driver {
  readonly kind = 'http';

  constructor(
    readonly target: GatewayTarget,
    readonly token: string | undefined,
  ) {}

  async connect(options: RequestOptions = {}): Promise<Session> {
    const session = new HttpSession(this.target.url, this.token);
    await this.#checked(
      session.client.connect(session.transport, sdkOptions({ timeoutMs: connectTimeoutMs, ...options })),
      options.signal,
    );
    return session;
  }

  async listServers(session: Session): Promise<readonly ServerInfo[]> {
    return await Promise.resolve([{ name: serverOf(session), state: 'ready', error: null }]);
  }

  async listTools(session: Session): Promise<readonly ToolInfo[]> {
    const { tools } = await this.#checked(own(session).client.listTools(undefined, listOptions));
    return tools.map((tool) => ({
      name: v.parse(ToolName, tool.name),
      server: serverOf(session),
      tool: tool.name,
      title: tool.title,
      description: tool.description,
      definition: tool,
    }));
  }

  async listResources(session: Session): Promise<readonly ResourceInfo[]> {
    const { resources } = await this.#checked(own(session).client.listResources(undefined, listOptions));
    return resources.map((resource) => ({
      uri: resource.uri,
      server: serverOf(session),
      name: resource.name,
      title: resource.title,
      description: resource.description,
      mimeType: resource.mimeType,
      definition: resource,
    }));
  }

  async listPrompts(session: Session): Promise<readonly PromptInfo[]> {
    const { prompts } = await this.#checked(own(session).client.listPrompts(undefined, listOptions));
    return prompts.map((prompt) => ({
      name: v.parse(PromptName, prompt.name),
      server: serverOf(session),
      title: prompt.title,
      description: prompt.description,
      definition: prompt,
    }));
  }

  async *callTool(
    session: Session,
    tool: ToolName,
    args: JsonObjectText,
    options: RequestOptions = {},
  ): AsyncIterable<Chunk> {
    const { client, taps, calls, era } = own(session);
    const queue = new AsyncQueue<Chunk>();
    const abort = new AbortController();
    const signal = options.signal ? AbortSignal.any([options.signal, abort.signal]) : abort.signal;
    const tap: Tap = { args };
    const { headers, close } = taps.open(tap);
    calls.add(queue);
    const meta = era === 'modern' ? { _meta: { [logLevelKey]: 'info' } } : {};
    // A definition without an output schema: the result is passed on even where it does not match.
    const toolDefinition = { name: tool, inputSchema: { type: 'object' as const } };
    const call = client.callTool(
      { name: tool, arguments: v.parse(Arguments, JSON.parse(args)), ...meta },
      {
        ...sdkOptions({ timeoutMs: requestTimeoutMs, ...options, signal }),
        headers,
        toolDefinition,
        onprogress: ({ progress, total, message }) =>
          queue.push({ type: 'progress', progress, total, message }),
      },
    );
    call
      .then(
        (result) => tap.result ?? JSON.stringify(result),
        (error: unknown) => {
          // The library refuses some results that a client can live with, such as content of an unknown type.
          if (tap.result === undefined) throw asAppError(error, this.target, options.signal);
          return tap.result;
        },
      )
      .then((raw) => queue.push({ type: 'result', result: parseToolResult(raw), raw }))
      .then(() => queue.end())
      .catch((error: unknown) => queue.fail(asAppError(error, this.target, options.signal)));
    try {
      yield* queue;
    } finally {
      calls.delete(queue);
      close();
      abort.abort();
    }
  }

  async openResource(
    session: Session,
    uri: string,
    options: RequestOptions & { onRaw?: (raw: string) => void } = {},
  ): Promise<Uint8Array> {
    const raw = await this.#tapped(
      session,
      options,
      async (extra) => await own(session).client.readResource({ uri }, extra),
    );
    options.onRaw?.(raw);
    return parsed(() => parseResource(raw), 'resource');
  }

  async getPrompt(
    session: Session,
    name: PromptName,
    args: Readonly<Record<string, string>>,
    options: RequestOptions = {},
  ): Promise<PromptResult> {
    const raw = await this.#tapped(
      session,
      options,
      async (extra) => await own(session).client.getPrompt({ name, arguments: { ...args } }, extra),
    );
    return parsed(() => parsePromptResult(raw), 'prompt');
  }

  async dispose(session: Session): Promise<void> {
    const { client, transport } = own(session);
    try {
      if (transport.sessionId !== undefined) await transport.terminateSession();
    } catch {
      // The gateway is gone, and the session with it.
    } finally {
      await client.close();
    }
  }

  /** The result of a request as the gateway sent it. */
  async #tapped(
    session: Session,
    options: RequestOptions,
    send: (options: SdkOptions) => Promise<unknown>,
  ): Promise<string> {
    const tap: Tap = {};
    const { headers, close } = own(session).taps.open(tap);
    try {
      const result = await send({ ...sdkOptions({ timeoutMs: requestTimeoutMs, ...options }), headers });
      return tap.result ?? JSON.stringify(result);
    } catch (error) {
      if (tap.result === undefined) throw asAppError(error, this.target, options.signal);
      return tap.result;
    } finally {
      close();
    }
  }

  async #checked<T>(work: Promise<T>, signal?: AbortSignal): Promise<T> {
    try {
      return await work;
    } catch (error) {
      throw asAppError(error, this.target, signal);
    }
  }
}

const Arguments = v.record(v.string(), v.unknown());

const listOptions: SdkOptions = { timeout: requestTimeoutMs };

function sdkOptions(options: RequestOptions & { timeoutMs: number }): SdkOptions {
  return {
    timeout: options.timeoutMs,
    resetTimeoutOnProgress: true,
    ...(options.signal ? { signal: options.signal } : {}),
  };
}

function own(session: Session): HttpSession {
  if (session instanceof HttpSession) return session;
  throw new AppError('internal', 'The session belongs to another driver.');
}

function serverOf(session: Session): ServerName {
  return v.parse(ServerName, own(session).gateway?.name ?? 'gateway');
}

function parsed<T>(parse: () => T, what: string): T {
  try {
    return parse();
  } catch (error) {
    throw new AppError('protocol', `The gateway sent something that is not a valid ${what}.`, {
      cause: error,
    });
  }
}
