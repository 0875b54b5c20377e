import type { Transport, TransportEvents } from './transport';
import type { ChildOptions, ChildProcesses } from './child-processes';
import { isMissing, pull } from './container-image';
import { docker } from './docker-client';
import { StdioTransport } from './stdio';

/** How long after its exit the last output of the client may still arrive. */
const outputDelayMs = 100;

export interface ContainerRun {
  command: ChildOptions;
  /** Pulls the image, when the engine does not have it. */
  pull: ChildOptions;
  name: string;
  /** The image name in the definition. */
  image: string;
  /** The image name for the engine, with variables filled in. */
  reference: string;
}

/**
 * A server in its own container. The engine's client is our child process and connects the standard streams. When the
 * engine does not have the image, it is pulled first.
 */
export class ContainerTransport implements Transport {
  readonly url = null;
  readonly prepared: Promise<void>;
  readonly #closing = new AbortController();
  #pulling: Promise<void> | undefined;
  #inner: StdioTransport | undefined;
  #lastLine = '';
  #closed: Promise<void> | undefined;

  constructor(
    readonly processes: ChildProcesses,
    readonly container: ContainerRun,
    readonly events: TransportEvents,
  ) {
    this.prepared = this.#prepare();
    // `send` reports the failure.
    this.prepared.catch(() => undefined);
  }

  async #prepare(): Promise<void> {
    const { image, reference } = this.container;
    const missing = await isMissing(reference);
    if (missing && !this.#closing.signal.aborted) {
      this.events.log(`[gateway] The image ${image} is not available locally. It is being pulled.`);
      this.events.activity?.(`pulling the image ${image}`);
      this.#pulling = this.#pull();
      await this.#pulling.finally(() => this.events.activity?.(undefined));
      this.events.log('[gateway] The image was pulled.');
    }
    if (this.#closing.signal.aborted)
      throw new Error('The server was stopped before its container was started.');
    this.#inner = this.#run();
  }

  async #pull(): Promise<void> {
    await pull(this.processes, {
      command: this.container.pull,
      image: this.container.image,
      log: (line) => this.events.log(line),
      signal: this.#closing.signal,
    });
  }

  #run(): StdioTransport {
    const { container, events } = this;
    return new StdioTransport(this.processes, container.command, {
      message: (bytes) => events.message(bytes),
      closed: (reason) =>
        void setTimeout(() => {
          events.closed(containerFailure(reason, this.#lastLine, container.image));
        }, outputDelayMs),
      log: (line) => {
        if (/\S/.test(line) && !/docker run --help/.test(line)) this.#lastLine = line;
        events.log(line);
      },
    });
  }

  get pid(): number | null {
    return this.#inner?.pid ?? null;
  }

  send(bytes: Buffer): Promise<void> | undefined {
    if (this.#inner) return this.#inner.send(bytes);
    return this.prepared.then(() => this.#inner?.send(bytes));
  }

  negotiated(): void {
    // Nothing to do: standard streams have no headers.
  }

  close(): Promise<void> {
    this.#closed ??= this.#end();
    return this.#closed;
  }

  /** A server that ignores signals outlives the client, so the engine removes the container. */
  async #end(): Promise<void> {
    this.#closing.abort();
    await this.#pulling?.catch(() => undefined);
    await this.#inner?.close();
    if (this.pid === null) return;
    await docker('rm', '--force', this.container.name);
  }
}

/** A pure function: why a server in a container ended, as a predicate. `lastLine` is the last line of its standard error. */
export function containerFailure(reason: string, lastLine: string, image: string): string {
  if (/"docker(\.exe)?" was not found/.test(reason))
    return 'needs a container engine, but there is no docker command where the gateway runs. Install it there, or define the server with the type "stdio" or "http"';
  // 125 means that the engine or its client failed, not the server.
  if (!reason.includes('code 125')) return reason;
  const detail = lastLine.replace(/^docker: /, '').slice(0, 400);
  if (/cannot connect to the docker daemon|error during connect|permission denied while trying/i.test(detail))
    return `needs a container engine, but none answers (${detail}). Start the engine, or set DOCKER_HOST for the gateway`;
  if (/manifest|pull access denied|repository|registry|no such host/i.test(detail))
    return `could not get the image ${image} (${detail}). Correct the name of the image, or pull it with: docker pull ${image}`;
  return `could not be run by the container engine (${detail})`;
}
