import type { ChildProcess } from 'node:child_process';
import type { Writable } from 'node:stream';
import { asLine } from '../../../mcp-wire/envelope';
import { LineSplitter } from '../../../mcp-wire/lines';
import { LogLines } from '../../../mcp-wire/log-lines';
import type { Transport, TransportEvents } from './transport';
import type { ChildOptions, ChildProcesses } from './child-processes';

/** Messages that come closer together go out together, in milliseconds. */
const batchWindowMs = 0.05;

/** A server that is our child process: one message a line on its standard input and output, its standard error is its log. */
export class StdioTransport implements Transport {
  readonly url = null;
  readonly #child: ChildProcess;
  readonly #marker: string;
  #closed = false;
  #lastAt = -Infinity;
  #gathering = false;
  /** Resolves when the server has taken what was written; shared by all that wait for it. */
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
      () => events.log(`[gateway] a message of more than ${longestMessage} bytes was dropped`),
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
      return Promise.reject(new Error('the server does not take input any more'));
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

  /** A message that comes alone goes out at once; those that come soon after one, in one write at the end of their turn of the event loop. */
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
    // stdio repeats nothing.
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
    // What the child itself started must not outlive it.
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
