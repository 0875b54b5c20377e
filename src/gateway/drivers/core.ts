import type {
  Chunk,
  Driver,
  JsonObjectText,
  PromptInfo,
  PromptResult,
  RequestOptions,
  ResourceInfo,
  ServerInfo,
  Session,
  ToolInfo,
} from '../driver';
import { connectPatiently, isUnreachable } from './connect';
import { entryNamed } from './names';
import { step } from '../../platform/next-step';

/**
 * A gateway as the product uses it: one session that is opened on first use and again after it broke, and the tools'
 * signatures, kept until the gateway says that they changed.
 */
export class Gateway {
  #session: Promise<Session> | undefined;
  #tools: Promise<readonly ToolInfo[]> | undefined;
  #watch: { dispose(): void } | undefined;

  /** `watch`: follow the gateway's changes, for those who stay longer than one request. */
  constructor(
    readonly driver: Driver,
    readonly signal?: AbortSignal,
    readonly watch = false,
  ) {}

  async servers(): Promise<readonly ServerInfo[]> {
    return await this.#read(async (session) => await this.driver.listServers(session));
  }

  async tools(): Promise<readonly ToolInfo[]> {
    this.#tools ??= this.#read(async (session) => await this.driver.listTools(session)).catch(
      (error: unknown) => {
        this.#tools = undefined;
        throw error;
      },
    );
    return await this.#tools;
  }

  async resources(): Promise<readonly ResourceInfo[]> {
    return await this.#read(async (session) => await this.driver.listResources(session));
  }

  async prompts(): Promise<readonly PromptInfo[]> {
    return await this.#read(async (session) => await this.driver.listPrompts(session));
  }

  /** The tool of this name, `server__tool` or the tool's own name where only one server has it. */
  async tool(name: string): Promise<ToolInfo> {
    return entryNamed(
      await this.tools(),
      name,
      (tool) => tool.tool,
      'tool',
      step('List the tools.', 'tools'),
    );
  }

  async prompt(name: string): Promise<PromptInfo> {
    const own = (prompt: PromptInfo): string =>
      prompt.name.startsWith(`${prompt.server}__`)
        ? prompt.name.slice(prompt.server.length + 2)
        : prompt.name;
    return entryNamed(await this.prompts(), name, own, 'prompt');
  }

  /** A call is never repeated by itself: nobody knows what the first one did. */
  async *call(tool: ToolInfo, args: JsonObjectText, options: RequestOptions = {}): AsyncIterable<Chunk> {
    const session = await this.#connected();
    try {
      yield* this.driver.callTool(session, tool.name, args, this.#with(options));
    } catch (error) {
      this.#drop(error);
      throw error;
    }
  }

  async read(
    uri: string,
    options: RequestOptions & { onRaw?: (raw: string) => void } = {},
  ): Promise<Uint8Array> {
    return await this.#read(
      async (session) => await this.driver.openResource(session, uri, { ...options, ...this.#with(options) }),
    );
  }

  async getPrompt(
    prompt: PromptInfo,
    args: Readonly<Record<string, string>>,
    options: RequestOptions = {},
  ): Promise<PromptResult> {
    return await this.#read(
      async (session) => await this.driver.getPrompt(session, prompt.name, args, this.#with(options)),
    );
  }

  async dispose(): Promise<void> {
    this.#watch?.dispose();
    const session = await this.#session?.catch(() => undefined);
    this.#session = undefined;
    if (session) await this.driver.dispose(session);
  }

  /** Does what has no effect at the gateway, once more when the connection broke meanwhile. */
  async #read<T>(work: (session: Session) => Promise<T>): Promise<T> {
    const session = await this.#connected();
    try {
      return await work(session);
    } catch (error) {
      if (!this.#drop(error)) throw error;
      return await work(await this.#connected());
    }
  }

  async #connected(): Promise<Session> {
    this.#session ??= this.#connect().catch((error: unknown) => {
      this.#session = undefined;
      throw error;
    });
    return await this.#session;
  }

  async #connect(): Promise<Session> {
    const session = await connectPatiently(this.driver, this.#with({}));
    this.#watch?.dispose();
    if (this.watch) this.#watch = this.driver.onChanged?.(session, () => (this.#tools = undefined));
    return session;
  }

  /** Forgets a session that broke; whether it did. */
  #drop(error: unknown): boolean {
    if (!isUnreachable(error)) return false;
    this.#session = undefined;
    this.#tools = undefined;
    return true;
  }

  #with(options: RequestOptions): RequestOptions {
    return { ...(this.signal ? { signal: this.signal } : {}), ...options };
  }
}
