import type { ChildProcess } from 'node:child_process';
import type { Writable } from 'node:stream';
import { asLine } from '../../../mcp-wire/envelope';
import { LineSplitter } from '../../../mcp-wire/lines';
import { LogLines } from '../../../mcp-wire/log-lines';
import type { Transport, TransportEvents } from './transport';
import type { ChildOptions, ChildProcesses } from './child-processes';

/** Messages within this time are sent in one write, in milliseconds. */
const batchWindowMs = 0.05;

/** A server that is a child process: one message per line on standard input and output, and its log on standard error. */
export class StdioTransport implements Transport {
  readonly url = null;
  readonly #child: ChildProcess;
  readonly #marker: string;
  #closed = false;
  #lastAt = -Infinity;
  #gathering = false;
  /** Resolves when the server has read what was written. All waiting senders share it. */
  #drained: Promise<void> | undefined;
  #stopping: Promise<void> | undefined;

  constructor(
    readonly processes: ChildProcesses,
    options: ChildOptions,
    readonly events: TransportEvents,
  ) {
    const { child, marker } = processes.start(options);
    this.#child = child;
    this.#marker = marker;
    const output = new LineSplitter(
      (line) => this.#line(line),
      longestMessage,
      () => events.log(`[gateway] A message of more than ${longestMessage} bytes was dropped.`),
    );
    child.stdout?.on('data', (chunk: Buffer) => output.push(chunk));
    const log = new LogLines((line) => events.log(line));
    child.stderr?.on('data', (chunk: Buffer) => log.push(chunk));
    child.stdin?.on('error', () => undefined);
    child.on('error', (error) => this.#end(startFailure(error, options)));
    child.on('exit', (code, signal) =>
      this.#end(signal === null ? `exited with code ${code ?? 'unknown'}` : `was ended by ${signal}`),
    );
  }

  get pid(): number | null {
    return this.#child.pid ?? null;
  }

  send(bytes: Buffer): Promise<void> | undefined {
    const { stdin } = this.#child;
    if (this.#closed || !stdin?.writable)
      return Promise.reject(new Error('The server does not accept input any more.'));
    this.#batchWrites(stdin);
    return stdin.write(asLine(bytes)) ? undefined : (this.#drained ??= this.#drain(stdin));
  }

  async #drain(stdin: Writable): Promise<void> {
    await new Promise<void>((resolve) => {
      const done = (): void => {
        stdin.off('drain', done).off('close', done);
        this.#drained = undefined;
        resolve();
      };
      stdin.on('drain', done).on('close', done);
    });
  }

  /** A single message is sent at once. Messages soon after it are sent in one write at the end of the event loop turn. */
  #batchWrites(stdin: Writable): void {
    const now = performance.now();
    const together = now - this.#lastAt < batchWindowMs;
    this.#lastAt = now;
    if (!together || this.#gathering) return;
    this.#gathering = true;
    stdin.cork();
    setImmediate(() => {
      this.#gathering = false;
      stdin.uncork();
    });
  }

  negotiated(): void {
    // Nothing to do: standard streams have no headers.
  }

  close(): Promise<void> {
    this.#stopping ??= this.processes.stop(this.#child, this.#marker);
    return this.#stopping;
  }

  #line(line: Buffer): void {
    const first = line.find((byte) => byte !== 0x20 && byte !== 0x09 && byte !== 0x0d);
    if (first === 0x7b || first === 0x5b) this.events.message(line);
    else if (first !== undefined) this.events.log(`[stdout] ${line.toString('utf8', 0, 2000)}`);
  }

  #end(reason: string): void {
    if (this.#closed) return;
    this.#closed = true;
    // The processes that the child started must not outlive it.
    void this.close();
    this.events.closed(reason);
  }
}

const longestMessage = 256 * 1024 * 1024;

function startFailure(error: NodeJS.ErrnoException, options: ChildOptions): string {
  if (error.code === 'ENOENT')
    return `could not be started: "${options.command}" was not found (or its folder ${options.cwd} does not exist)`;
  if (error.code === 'EACCES') return `could not be started: "${options.command}" may not be executed`;
  return `could not be started: ${error.message}`;
}
