import { Readable } from 'node:stream';
import Docker from 'dockerode';
import { untilAborted } from '../../platform/abortable';
import { deadline } from '../../platform/deadline';
import { AppError, messageOf, systemCode } from '../../platform/errors';
import type { ContainerEvent, ContainerRuntime, EngineInfo, LogOptions, Resource } from './runtime';
import { parseDetails, parseEvent, parseResources, parseSummaries, parseVersion } from './records';
import { firstFileOfTar, linesOf, logLines } from './streams';
import { step } from '../../platform/next-step';
import { sentence } from '../../platform/sentence';

/** How an engine is reached. */
export interface EngineConnection {
  options: Docker.DockerOptions;
  /** Where the end point was found. */
  source: string;
  /** Variables that make the engine's own clients use the same end point. */
  environment: Readonly<Record<string, string>>;
  /** The host name of the other machine that it runs on. */
  elsewhere?: string | undefined;
}

/** How long the engine may take to answer a question, and to do what it is told. */
const answerMs = 30_000;
const workMs = 120_000;
/** Of a stream; some engines answer only when there is something to tell. */
const endless = { limitMs: 'none' } as const;

type Call<T> = (abort: { abortSignal: AbortSignal }) => Promise<T>;

/** A Docker engine, or Podman's Docker-compatible one. */
export class DockerRuntime implements ContainerRuntime {
  readonly kind = 'engine';
  readonly environment: Readonly<Record<string, string>>;
  readonly elsewhere: string | undefined;
  readonly #docker: Docker;
  readonly #source: string;

  constructor(
    private readonly connection: EngineConnection,
    private readonly signal?: AbortSignal,
  ) {
    this.#docker = new Docker(connection.options);
    this.#source = connection.source;
    this.environment = connection.environment;
    this.elsewhere = connection.elsewhere;
  }

  within(signal: AbortSignal): DockerRuntime {
    return new DockerRuntime(this.connection, signal);
  }

  async info(): Promise<EngineInfo> {
    const raw: unknown = await this.#ask('the engine', async () => this.#docker.version());
    return { ...parseVersion(raw), source: this.#source };
  }

  async listContainers(labels: readonly string[]) {
    const query = { all: true, filters: { label: [...labels] } };
    return parseSummaries(
      await this.#ask('the containers', async (abort) => this.#docker.listContainers({ ...query, ...abort })),
    );
  }

  async inspect(container: string) {
    return parseDetails(
      await this.#ask(container, async (abort) => this.#docker.getContainer(container).inspect(abort)),
    );
  }

  async start(container: string): Promise<void> {
    const start: Call<unknown> = async (abort) => this.#docker.getContainer(container).start(abort);
    await this.#ask(container, start, { accepted: [304], limitMs: workMs });
  }

  async stop(container: string, graceSeconds = 10): Promise<void> {
    const stop: Call<unknown> = async (abort) =>
      this.#docker.getContainer(container).stop({ t: graceSeconds, ...abort });
    await this.#ask(container, stop, { accepted: [304], limitMs: workMs });
  }

  async restart(container: string, graceSeconds = 10): Promise<void> {
    const restart: Call<unknown> = async (abort) =>
      this.#docker.getContainer(container).restart({ t: graceSeconds, ...abort });
    await this.#ask(container, restart, { limitMs: workMs });
  }

  async remove(container: string): Promise<void> {
    const remove: Call<unknown> = async (abort) =>
      this.#docker.getContainer(container).remove({ force: true, ...abort });
    await this.#ask(container, remove, { accepted: [404], limitMs: workMs });
  }

  async *logs(container: string, { follow = false, tail, signal }: LogOptions = {}): AsyncGenerator<string> {
    const shared = { stdout: true, stderr: true, ...(tail === undefined ? {} : { tail }) };
    const target = this.#docker.getContainer(container);
    if (!follow) {
      const read = async (abort: { abortSignal: AbortSignal }): Promise<Buffer> =>
        await target.logs({ ...shared, follow: false, ...abort });
      yield* logLines(Readable.from([await this.#ask(container, read)]));
      return;
    }
    const stream = asReadable(
      await this.#ask(
        container,
        async (abort) => target.logs({ ...shared, follow: true, ...abort }),
        endless,
      ),
    );
    yield* linesUntilAborted(stream, signal, logLines(stream));
  }

  async *events(labels: readonly string[], signal: AbortSignal): AsyncGenerator<ContainerEvent> {
    const filters = { type: ['container' as const], label: [...labels] };
    const stream = asReadable(
      await this.within(signal).#ask(
        'the events',
        async (abort) => this.#docker.getEvents({ filters, ...abort }),
        endless,
      ),
    );
    for await (const line of linesUntilAborted(stream, signal, linesOf(stream))) {
      if (line !== '') yield parseEvent(line);
    }
    if (!signal.aborted) throw engineGone(this.#source, new Error('the event stream ended'));
  }

  async readFile(container: string, path: string): Promise<Buffer | undefined> {
    const read: Call<Buffer> = async (abort) => {
      const archive = await this.#docker.getContainer(container).getArchive({ path, ...abort });
      const chunks: Buffer[] = [];
      for await (const chunk of archive) chunks.push(Buffer.from(chunk));
      return Buffer.concat(chunks);
    };
    const archive = await this.#ask(container, read, { accepted: [404] });
    return archive && firstFileOfTar(archive);
  }

  async hasImage(name: string): Promise<boolean> {
    const inspect: Call<unknown> = async () => this.#docker.getImage(name).inspect();
    return (await this.#ask(name, inspect, { accepted: [404] })) !== undefined;
  }

  async listResources(kind: Resource['kind'], labels: readonly string[]): Promise<Resource[]> {
    const filters = { label: [...labels] };
    const lists: Record<Resource['kind'], Call<unknown>> = {
      volume: async (abort) => this.#docker.listVolumes({ filters, ...abort }),
      network: async (abort) => this.#docker.listNetworks({ filters, ...abort }),
      image: async (abort) => this.#docker.listImages({ filters: JSON.stringify(filters), ...abort }),
    };
    return parseResources(kind, await this.#ask(`the ${kind}s`, lists[kind]));
  }

  async removeResource({ kind, name }: Resource): Promise<boolean> {
    const removals: Record<Resource['kind'], Call<unknown>> = {
      volume: async (abort): Promise<unknown> => this.#docker.getVolume(name).remove(abort),
      network: async (abort): Promise<unknown> => this.#docker.getNetwork(name).remove(abort),
      image: async (abort): Promise<unknown> => this.#docker.getImage(name).remove(abort),
    };
    try {
      await this.#ask(name, removals[kind], { accepted: [404], limitMs: workMs });
      return true;
    } catch (error) {
      // In use: by a container (409), or by an end point of a network (403).
      if (error instanceof AppError && [403, 409].includes(statusOf(error.cause) ?? 0)) return false;
      throw error;
    }
  }

  /** Runs one call, until the signal aborts or it takes too long. A status in `accepted` gives `undefined` instead of an error. */
  async #ask<T>(what: string, call: Call<T>, options?: { limitMs?: number | 'none' }): Promise<T>;
  async #ask<T>(
    what: string,
    call: Call<T>,
    options: { accepted: readonly number[]; limitMs?: number },
  ): Promise<T | undefined>;
  async #ask<T>(
    what: string,
    call: Call<T>,
    { accepted = [], limitMs = answerMs }: { accepted?: readonly number[]; limitMs?: number | 'none' } = {},
  ): Promise<T | undefined> {
    this.#requireGoingOn();
    const limit = deadline(this.signal ? [this.signal] : [], limitMs === 'none' ? undefined : limitMs);
    try {
      return await untilAborted(call({ abortSignal: limit.signal }), limit.signal);
    } catch (error) {
      this.#requireGoingOn();
      if (limit.signal.aborted)
        throw engineGone(this.#source, new Error(`no answer within ${Number(limitMs) / 1000} s`));
      const status = statusOf(error);
      if (status === undefined) throw engineGone(this.#source, error);
      if (accepted.includes(status)) return undefined;
      const code = status === 404 ? 'not-found' : 'engine';
      throw new AppError(code, sentence(`The engine reports about ${what}: ${engineMessage(error)}`), {
        cause: error,
        next: step('Look at the status of the gateway.', 'status'),
      });
    } finally {
      limit.dispose();
    }
  }

  /** Throws the signal's reason; when that is a time limit of the caller's, the engine did not answer within it. */
  #requireGoingOn(): void {
    const reason: unknown = this.signal?.reason;
    if (reason instanceof Error && reason.name === 'TimeoutError')
      throw engineGone(this.#source, new Error('no answer in time', { cause: reason }));
    this.signal?.throwIfAborted();
  }
}

/** The HTTP status of an error that the engine answered. */
function statusOf(error: unknown): number | undefined {
  return error instanceof Error && 'statusCode' in error && typeof error.statusCode === 'number'
    ? error.statusCode
    : undefined;
}

function engineMessage(error: unknown): string {
  const body = error instanceof Error && 'json' in error ? error.json : undefined;
  if (typeof body === 'object' && body !== null && 'message' in body && typeof body.message === 'string')
    return body.message.trim();
  return messageOf(error).trim();
}

function engineGone(source: string, cause: unknown): AppError {
  const code = systemCode(cause);
  const problem =
    code === 'EACCES' || code === 'EPERM'
      ? 'this user is not allowed to use it'
      : code === undefined
        ? messageOf(cause)
        : code;
  return new AppError('no-engine', sentence(`The container engine (${source}) does not answer: ${problem}`), {
    next:
      code === 'EACCES' || code === 'EPERM'
        ? 'Add yourself to the group of the socket (usually "docker"), or start the engine rootless.'
        : 'Start Docker or Podman and run the command again.',
    cause,
  });
}

function asReadable(stream: NodeJS.ReadableStream): Readable {
  return stream instanceof Readable ? stream : new Readable().wrap(stream);
}

/** Ends the connection when the signal aborts or the reader stops; an abort ends the lines without an error. */
async function* linesUntilAborted(
  stream: Readable,
  signal: AbortSignal | undefined,
  lines: AsyncIterable<string>,
): AsyncGenerator<string> {
  const end = (): void => void stream.destroy();
  signal?.addEventListener('abort', end, { once: true });
  try {
    if (signal?.aborted === true) return;
    yield* lines;
  } catch (error) {
    if (signal?.aborted !== true) throw error;
  } finally {
    signal?.removeEventListener('abort', end);
    stream.destroy();
  }
}
