import { Readable } from 'node:stream';
import Docker from 'dockerode';
import { AppError, messageOf, systemCode } from '../../platform/errors';
import type { ContainerEvent, ContainerRuntime, EngineInfo, LogOptions, Resource } from '../runtime';
import { parseDetails, parseEvent, parseResources, parseSummaries, parseVersion } from './records';
import { firstFileOfTar, linesOf, logLines } from './streams';

/** How an engine is reached. */
export interface EngineConnection {
  options: Docker.DockerOptions;
  /** Where the end point was found. */
  source: string;
  /** Variables that make the engine's own clients use the same end point. */
  environment: Readonly<Record<string, string>>;
}

/** A Docker engine, or Podman's Docker-compatible one. */
export class DockerRuntime implements ContainerRuntime {
  readonly kind = 'engine';
  readonly environment: Readonly<Record<string, string>>;
  readonly #docker: Docker;
  readonly #source: string;

  constructor(connection: EngineConnection) {
    this.#docker = new Docker(connection.options);
    this.#source = connection.source;
    this.environment = connection.environment;
  }

  async info(): Promise<EngineInfo> {
    const raw: unknown = await this.#ask('the engine', async () => this.#docker.version());
    return { ...parseVersion(raw), source: this.#source };
  }

  async listContainers(labels: readonly string[]) {
    const filters = { label: [...labels] };
    return parseSummaries(
      await this.#ask('the containers', async () => this.#docker.listContainers({ all: true, filters })),
    );
  }

  async inspect(container: string) {
    return parseDetails(
      await this.#ask(container, async () => this.#docker.getContainer(container).inspect()),
    );
  }

  async start(container: string): Promise<void> {
    await this.#ask(
      container,
      async (): Promise<unknown> => this.#docker.getContainer(container).start(),
      [304],
    );
  }

  async stop(container: string, graceSeconds = 10): Promise<void> {
    await this.#ask(
      container,
      async (): Promise<unknown> => this.#docker.getContainer(container).stop({ t: graceSeconds }),
      [304],
    );
  }

  async restart(container: string, graceSeconds = 10): Promise<void> {
    await this.#ask(container, async (): Promise<unknown> =>
      this.#docker.getContainer(container).restart({ t: graceSeconds }),
    );
  }

  async remove(container: string): Promise<void> {
    const remove = async (): Promise<unknown> => this.#docker.getContainer(container).remove({ force: true });
    await this.#ask(container, remove, [404]);
  }

  async *logs(container: string, { follow = false, tail, signal }: LogOptions = {}): AsyncGenerator<string> {
    const shared = { stdout: true, stderr: true, ...(tail === undefined ? {} : { tail }) };
    const target = this.#docker.getContainer(container);
    if (!follow) {
      yield* logLines(
        Readable.from([await this.#ask(container, async () => target.logs({ ...shared, follow: false }))]),
      );
      return;
    }
    const stream = asReadable(
      await this.#ask(container, async () => target.logs({ ...shared, follow: true })),
    );
    yield* untilAborted(stream, signal, logLines(stream));
  }

  async *events(labels: readonly string[], signal: AbortSignal): AsyncGenerator<ContainerEvent> {
    const filters = { type: ['container' as const], label: [...labels] };
    const stream = asReadable(await this.#ask('the events', async () => this.#docker.getEvents({ filters })));
    for await (const line of untilAborted(stream, signal, linesOf(stream))) {
      if (line !== '') yield parseEvent(line);
    }
    if (!signal.aborted) throw engineGone(this.#source, new Error('the event stream ended'));
  }

  async readFile(container: string, path: string): Promise<Buffer | undefined> {
    try {
      const archive = await this.#ask(container, async () =>
        this.#docker.getContainer(container).getArchive({ path }),
      );
      const chunks: Buffer[] = [];
      for await (const chunk of archive) chunks.push(Buffer.from(chunk));
      return firstFileOfTar(Buffer.concat(chunks));
    } catch (error) {
      if (error instanceof AppError && error.code === 'not-found') return undefined;
      throw error;
    }
  }

  async hasImage(name: string): Promise<boolean> {
    return (await this.#ask(name, async () => this.#docker.getImage(name).inspect(), [404])) !== undefined;
  }

  async listResources(kind: Resource['kind'], labels: readonly string[]): Promise<Resource[]> {
    const filters = { label: [...labels] };
    const lists = {
      volume: async (): Promise<unknown> => this.#docker.listVolumes({ filters }),
      network: async (): Promise<unknown> => this.#docker.listNetworks({ filters }),
      image: async (): Promise<unknown> => this.#docker.listImages({ filters: JSON.stringify(filters) }),
    };
    return parseResources(kind, await this.#ask(`the ${kind}s`, lists[kind]));
  }

  async removeResource({ kind, name }: Resource): Promise<boolean> {
    const removals = {
      volume: async (): Promise<unknown> => this.#docker.getVolume(name).remove(),
      network: async (): Promise<unknown> => this.#docker.getNetwork(name).remove(),
      image: async (): Promise<unknown> => this.#docker.getImage(name).remove(),
    };
    try {
      await this.#ask(name, removals[kind], [404]);
      return true;
    } catch (error) {
      // In use: by a container (409), or by an end point of a network (403).
      if (error instanceof AppError && [403, 409].includes(statusOf(error.cause) ?? 0)) return false;
      throw error;
    }
  }

  /** Runs one call. A status in `accepted` gives `undefined` instead of an error. */
  async #ask<T>(what: string, call: () => Promise<T>): Promise<T>;
  async #ask<T>(what: string, call: () => Promise<T>, accepted: readonly number[]): Promise<T | undefined>;
  async #ask<T>(
    what: string,
    call: () => Promise<T>,
    accepted: readonly number[] = [],
  ): Promise<T | undefined> {
    try {
      return await call();
    } catch (error) {
      const status = statusOf(error);
      if (status === undefined) throw engineGone(this.#source, error);
      if (accepted.includes(status)) return undefined;
      const code = status === 404 ? 'not-found' : 'engine';
      throw new AppError(code, `the engine says about ${what}: ${engineMessage(error)}`, {
        cause: error,
        next: 'See "devcontainer-mcp status".',
      });
    }
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
      ? 'this user may not use it'
      : code === undefined
        ? messageOf(cause)
        : code;
  return new AppError('no-engine', `the container engine (${source}) does not answer: ${problem}`, {
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
async function* untilAborted(
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
