import type { ListName, ListsPart } from '../gateway/kind';
import * as v from 'valibot';
import { AppError, messageOf } from '../platform/errors';
import { Emitter, type Disposable } from '../platform/disposable';
import type { Logger } from '../platform/log';
import { sentence } from '../platform/sentence';

const Annotations = v.object({
  title: v.optional(v.string()),
  readOnlyHint: v.optional(v.boolean()),
  destructiveHint: v.optional(v.boolean()),
  idempotentHint: v.optional(v.boolean()),
  openWorldHint: v.optional(v.boolean()),
});
const shared = {
  server: v.string(),
  title: v.optional(v.string()),
  description: v.optional(v.string()),
};
const Tool = v.looseObject({
  ...shared,
  name: v.string(),
  tool: v.string(),
  inputSchema: v.optional(v.record(v.string(), v.unknown()), {}),
  annotations: v.fallback(v.optional(Annotations), undefined),
});
const Resource = v.looseObject({
  ...shared,
  uri: v.string(),
  name: v.optional(v.string()),
  mimeType: v.optional(v.string()),
});
const Template = v.looseObject({
  ...shared,
  uriTemplate: v.string(),
  name: v.optional(v.string()),
  mimeType: v.optional(v.string()),
});
const Prompt = v.looseObject({
  ...shared,
  name: v.string(),
  prompt: v.optional(v.string()),
  arguments: v.optional(
    v.array(
      v.object({
        name: v.string(),
        description: v.optional(v.string()),
        required: v.optional(v.boolean(), false),
      }),
    ),
    [],
  ),
});

/** A tool as the gateway lists it; `name` is the one at the gateway, `tool` the one at its server. */
export type ToolEntry = v.InferOutput<typeof Tool>;
export type ResourceEntry = v.InferOutput<typeof Resource>;
export type TemplateEntry = v.InferOutput<typeof Template>;
export type PromptEntry = v.InferOutput<typeof Prompt>;

const reconnectMs = 2000;

/**
 * The tools, resources and prompts behind the built-in gateway, fetched on first use and kept until the gateway says that
 * they changed.
 */
export class Catalogue implements Disposable {
  readonly #lists = new Map<string, Promise<unknown>>();
  readonly #changed = new Emitter<string>();
  #following: AbortController | undefined;
  #revision = 0;

  constructor(
    readonly lists: () => Promise<ListsPart>,
    readonly log: Logger,
  ) {}

  /** Reports the name of the server whose lists changed. */
  readonly onChange = this.#changed.event;

  /** Grows with every change. */
  get revision(): number {
    return this.#revision;
  }

  async tools(): Promise<readonly ToolEntry[]> {
    return (await this.#list('tools', v.object({ tools: v.array(Tool) }))).tools;
  }

  async resources(): Promise<readonly ResourceEntry[]> {
    return (await this.#list('resources', v.object({ resources: v.array(Resource) }))).resources;
  }

  async templates(): Promise<readonly TemplateEntry[]> {
    const schema = v.object({ resourceTemplates: v.array(Template) });
    return (await this.#list('resource-templates', schema)).resourceTemplates;
  }

  async prompts(): Promise<readonly PromptEntry[]> {
    return (await this.#list('prompts', v.object({ prompts: v.array(Prompt) }))).prompts;
  }

  /** Follows the gateway's changes from now on, for the views that show the lists. */
  follow(): void {
    if (this.#following) return;
    this.#following = new AbortController();
    void this.#follow(this.#following.signal);
  }

  /** Forgets everything and stops following: the gateway is another one, or no one looks. */
  reset(): void {
    this.#following?.abort();
    this.#following = undefined;
    this.#lists.clear();
    this.#revision += 1;
  }

  dispose(): void {
    this.reset();
    this.#changed.dispose();
  }

  async #list<Schema extends v.GenericSchema>(
    path: ListName,
    schema: Schema,
  ): Promise<v.InferOutput<Schema>> {
    let list = this.#lists.get(path);
    if (!list) {
      list = this.lists().then(async (lists) => await lists.list(path));
      this.#lists.set(path, list);
      list.catch(() => this.#lists.delete(path));
    }
    const parsed = v.safeParse(schema, await list);
    if (parsed.success) return parsed.output;
    throw new AppError(
      'protocol',
      sentence(`The gateway's list of ${path} cannot be read: ${parsed.issues[0].message}`),
      {
        next: 'The gateway may be a different version. Recreate it.',
      },
    );
  }

  async #follow(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      try {
        const lists = await this.lists();
        for await (const server of lists.changes(signal)) this.#invalidate(server);
      } catch (error) {
        this.log.log('debug', `the catalogue's events ended: ${messageOf(error)}`);
      }
      await pause(reconnectMs, signal);
    }
  }

  #invalidate(server: string): void {
    this.#lists.clear();
    this.#revision += 1;
    this.#changed.fire(server);
  }
}

async function pause(ms: number, signal: AbortSignal): Promise<void> {
  if (signal.aborted) return;
  await new Promise<void>((resolve) => {
    const done = (): void => {
      clearTimeout(timer);
      signal.removeEventListener('abort', done);
      resolve();
    };
    const timer = setTimeout(done, ms);
    signal.addEventListener('abort', done, { once: true });
  });
}
