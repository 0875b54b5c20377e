import type { Transport, TransportEvents } from './transport';
import type { ChildOptions, ChildProcesses } from './child-processes';
import { isMissing, pull } from './container-image';
import { docker } from './docker-client';
import { StdioTransport } from './stdio';

/** How long after the end of the client its last words may still be on their way. */
const outputDelayMs = 100;

export interface ContainerRun {
  command: ChildOptions;
  /** Gets the image, where the engine has not got it. */
  pull: ChildOptions;
  name: string;
  /** The image as the definition names it. */
  image: string;
  /** The image as the engine knows it. */
  reference: string;
}

/**
 * A server in a container of its own: the engine's client is our child and carries its standard streams. The image is
 * fetched first where the engine has not got it.
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
    // Those who send hear of it.
    this.prepared.catch(() => undefined);
  }

  async #prepare(): Promise<void> {
    const { image, reference } = this.container;
    const missing = await isMissing(reference);
    if (missing && !this.#closing.signal.aborted) {
      this.events.log(`[gateway] the image ${image} is not here, and is pulled`);
      this.events.activity?.(`pulling the image ${image}`);
      this.#pulling = this.#pull();
      await this.#pulling.finally(() => this.events.activity?.(undefined));
      this.events.log('[gateway] the image is here');
    }
    if (this.#closing.signal.aborted) throw new Error('was closed before its container was started');
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
    // Standard streams repeat nothing.
  }

  close(): Promise<void> {
    this.#closed ??= this.#end();
    return this.#closed;
  }

  /** A server that passes over its signals outlives the client: the engine ends it. */
  async #end(): Promise<void> {
    this.#closing.abort();
    await this.#pulling?.catch(() => undefined);
    await this.#inner?.close();
    if (this.pid === null) return;
    await docker('rm', '--force', this.container.name);
  }
}

/** Pure: why a server in a container ended, in words that help. `lastLine`: the last one of its standard error. */
export function containerFailure(reason: string, lastLine: string, image: string): string {
  if (/"docker(\.exe)?" was not found/.test(reason))
    return 'needs a container engine, and there is no docker command where the gateway runs: install one there, or give the server as type "stdio" or "http"';
  // 125: the engine or its client refused, not the server.
  if (!reason.includes('code 125')) return reason;
  const detail = lastLine.replace(/^docker: /, '').slice(0, 400);
  if (/cannot connect to the docker daemon|error during connect|permission denied while trying/i.test(detail))
    return `needs a container engine, and none answers (${detail}): start it, or let the gateway reach it with DOCKER_HOST`;
  if (/manifest|pull access denied|repository|registry|no such host/i.test(detail))
    return `could not get the image ${image} (${detail}): correct its name, or pull it with: docker pull ${image}`;
  return `could not be run by the container engine (${detail})`;
}
