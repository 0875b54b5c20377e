import { AppError, LeftoverError } from '../platform/errors';
import { exitStatus } from './exit-status';
import { reportFailure, showing, shown, type CliIo } from './io';
import type { CommonOptions } from './options';

/** What a verb does with the streams it was given; it returns its exit status, nothing meaning 0. */
export type VerbAction = (io: CliIo) => Promise<number | undefined> | Promise<void>;

const interrupt = new AbortController();
let watchesPipes = false;
let watchesSignals = false;

/**
 * The streams of this process. When the reader closes the output, the signal is aborted. From the first look at the signal
 * on, Ctrl-C aborts it too, and a second Ctrl-C ends the process at once; before, signals do what they always do.
 */
export function processIo(): CliIo {
  if (!watchesPipes) watchPipes();
  watchesPipes = true;
  return {
    // The bytes of a resource are for a file or another program. On a terminal they are a text like others.
    stdout: (text) =>
      void process.stdout.write(
        typeof text !== 'string' && process.stdout.isTTY ? shown(Buffer.from(text).toString()) : text,
      ),
    stderr: (text) => void process.stderr.write(text),
    interactive: process.stderr.isTTY,
    env: process.env,
    cwd: process.cwd(),
    get signal() {
      if (!watchesSignals) watchInterrupts();
      watchesSignals = true;
      return interrupt.signal;
    },
  };
}

function watchInterrupts(): void {
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.on(signal, () => {
      if (interrupt.signal.aborted) process.exit(exitStatus.failure);
      interrupt.abort(new AppError('cancelled', 'Cancelled.'));
    });
  }
}

function watchPipes(): void {
  for (const stream of [process.stdout, process.stderr]) {
    stream.on('error', (error: NodeJS.ErrnoException) => {
      if (error.code !== 'EPIPE') throw error;
      interrupt.abort(new AppError('cancelled', 'The reader of the output closed it.'));
    });
  }
}

/**
 * Runs one verb and ends the process with its status: 0, 1 after a failure, 2 after wrong usage. A failure is
 * reported as one line and a next step, or as one JSON document with `--json`.
 */
export async function run(options: Pick<CommonOptions, 'json'>, action: VerbAction): Promise<void> {
  const io = processIo();
  await exit(await statusOf(io, options.json === true, action));
}

/** The exit status of an action; its failure has been reported on `io`. */
export async function statusOf(streams: CliIo, json: boolean, action: VerbAction): Promise<number> {
  const io = showing(streams);
  try {
    return (await action(io)) ?? exitStatus.success;
  } catch (error) {
    const reason: unknown = io.signal.reason;
    if (!io.signal.aborted || !(reason instanceof AppError)) return reportFailure(io, error, json);
    // A foreign error is how a library reports the abort. Our own errors may say more.
    const cancelled = !(error instanceof AppError) || cameOf(error, reason);
    return reportFailure(io, cancelled ? reason : error, json);
  }
}

/** Whether an error only reports the abort, so that the reason of the abort says everything. */
function cameOf(error: unknown, reason: AppError): boolean {
  if (!(error instanceof Error) || error instanceof LeftoverError) return false;
  const isAbort = error === reason || error.name === 'AbortError';
  return isAbort || (error instanceof AppError && error.code === 'cancelled') || cameOf(error.cause, reason);
}

/** Reports a failure that came before an action, and ends the process. */
export async function reportAndExit(error: unknown, json: boolean): Promise<void> {
  await exit(reportFailure(showing(processIo()), error, json));
}

/** Lets the output drain, then ends the process: an idle keep-alive connection must not hold it. */
export async function exit(status: number): Promise<void> {
  for (const stream of [process.stdout, process.stderr]) {
    if (stream.writable) await new Promise<void>((resolve) => stream.write('', () => resolve()));
  }
  process.exit(status);
}
