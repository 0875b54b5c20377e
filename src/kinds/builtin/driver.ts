import * as v from 'valibot';
import type { Disposable } from '../../platform/disposable';
import { AppError } from '../../platform/errors';
import { SseParser } from '../../mcp-wire/sse';
import { bodyOf, chunksOf, exchange } from '../../gateway/http';
import {
  PromptName,
  ServerName,
  ToolName,
  type Change,
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
} from '../../gateway/driver';
import { apiUrl, bearer, problemIn, unauthorized, unreachable } from '../../gateway/resolve/probe';
import type { GatewayTarget } from '../../gateway/resolve/target';
import { step } from '../../platform/next-step';
import { BuiltinSession } from './session';
import { sentence } from '../../platform/sentence';

const entry = { server: ServerName, title: v.optional(v.string()), description: v.optional(v.string()) };
const Servers = v.object({
  servers: v.array(
    v.object({
      name: ServerName,
      state: v.string(),
      error: v.nullable(v.object({ message: v.string(), next: v.optional(v.string()) })),
    }),
  ),
});
const Tools = v.object({ tools: v.array(v.looseObject({ ...entry, name: ToolName, tool: v.string() })) });
const Prompts = v.object({ prompts: v.array(v.looseObject({ ...entry, name: PromptName })) });
const Resources = v.object({
  resources: v.array(
    v.looseObject({
      ...entry,
      uri: v.string(),
      name: v.optional(v.string()),
      mimeType: v.optional(v.string()),
    }),
  ),
});

type ReadOptions = RequestOptions & { onRaw?: (raw: string) => void };

const requestTimeoutMs = 30_000;

/**
 * The built-in gateway: an MCP end point whose own pages tell which server each tool belongs to. The lists come from these
 * pages, and an MCP session is opened for what only MCP can do.
 */
export class BuiltinDriver implements Driver {
  readonly kind = 'builtin';

  constructor(
    readonly target: GatewayTarget,
    readonly token: string | undefined,
  ) {}

  async connect(): Promise<Session> {
    return await Promise.resolve(new BuiltinSession(this.target, this.token));
  }

  async listServers(): Promise<readonly ServerInfo[]> {
    return (await this.#get('servers', Servers)).servers;
  }

  async listTools(): Promise<readonly ToolInfo[]> {
    const { tools } = await this.#get('tools', Tools);
    return tools.map((tool) => ({ ...common(tool), name: tool.name, tool: tool.tool }));
  }

  async listResources(): Promise<readonly ResourceInfo[]> {
    const { resources } = await this.#get('resources', Resources);
    return resources.map((one) => ({ ...common(one), uri: one.uri, name: one.name, mimeType: one.mimeType }));
  }

  async listPrompts(): Promise<readonly PromptInfo[]> {
    const { prompts } = await this.#get('prompts', Prompts);
    return prompts.map((prompt) => ({ ...common(prompt), name: prompt.name }));
  }

  async *callTool(
    session: Session,
    tool: ToolName,
    args: JsonObjectText,
    options: RequestOptions = {},
  ): AsyncIterable<Chunk> {
    const mcp = await own(session).mcp(options);
    yield* mcp.driver.callTool(mcp.session, tool, args, options);
  }

  async openResource(session: Session, uri: string, options: ReadOptions = {}): Promise<Uint8Array> {
    const mcp = await own(session).mcp(options);
    return await mcp.driver.openResource(mcp.session, uri, options);
  }

  async getPrompt(
    session: Session,
    name: PromptName,
    args: Readonly<Record<string, string>>,
    options: RequestOptions = {},
  ): Promise<PromptResult> {
    const mcp = await own(session).mcp(options);
    return await mcp.driver.getPrompt(mcp.session, name, args, options);
  }

  async dispose(session: Session): Promise<void> {
    await own(session).end();
  }

  /** Calls back when a server or its lists changed; the stream is opened again when it breaks. */
  onChanged(_session: Session, listener: (change: Change) => void): Disposable {
    const abort = new AbortController();
    void this.#follow(abort.signal, listener);
    return { dispose: () => abort.abort() };
  }

  async #follow(signal: AbortSignal, listener: (change: Change) => void): Promise<void> {
    let event = '';
    const parser = new SseParser(
      () => listener(event === 'catalogue' ? 'catalogue' : 'servers'),
      (line) => {
        const text = line.toString('utf8');
        if (text.startsWith('event:')) event = text.slice('event:'.length).trim();
      },
    );
    for (let pause = 250; !signal.aborted; pause = Math.min(pause * 2, 10_000)) {
      try {
        const reply = await this.#send('events', 'text/event-stream', signal);
        pause = 250;
        for await (const chunk of chunksOf(reply)) parser.push(chunk);
      } catch {
        // It is away for the moment: its first event after the next connection tells the state.
      }
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, pause);
        signal.addEventListener('abort', () => {
          clearTimeout(timer);
          resolve();
        });
      });
    }
  }

  async #get<T extends v.GenericSchema>(path: string, schema: T): Promise<v.InferOutput<T>> {
    const reply = await this.#send(path, 'application/json', AbortSignal.timeout(requestTimeoutMs));
    const text = (await bodyOf(reply)).toString('utf8');
    if (reply.statusCode === 401) throw unauthorized(this.target);
    const parsed = v.safeParse(schema, jsonOf(text));
    if (reply.statusCode === 200 && parsed.success) return parsed.output;
    const problem = problemIn(text);
    throw new AppError(
      'protocol',
      sentence(
        `The gateway at ${this.target.url.href} answers ${path} in an unexpected way: ${problem?.message ?? `HTTP status ${reply.statusCode ?? 0}`}`,
      ),
      {
        next:
          problem?.step ??
          step(
            'The gateway and this program may have different versions. Look at the status of the gateway.',
            'status',
          ),
      },
    );
  }

  async #send(path: string, accept: string, signal: AbortSignal): ReturnType<typeof exchange>['reply'] {
    try {
      const headers = { accept, ...bearer(this.token) };
      return await exchange({ url: apiUrl(this.target, path), method: 'GET', headers, signal }).reply;
    } catch (error) {
      throw unreachable(this.target, error);
    }
  }
}

function own(session: Session): BuiltinSession {
  if (session instanceof BuiltinSession) return session;
  throw new AppError('internal', 'The session belongs to another driver.');
}

function common<
  T extends { server: ServerName; title?: string | undefined; description?: string | undefined },
>(one: T): { server: ServerName; title: string | undefined; description: string | undefined; definition: T } {
  return { server: one.server, title: one.title, description: one.description, definition: one };
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
