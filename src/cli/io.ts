import { AppError, messageOf, nextTextOf } from '../platform/errors';
import { exitStatus } from './exit-status';

/** The streams of a command-line run; tests replace them. */
export interface CliIo {
  /** Text, or the bytes of something that is not text. */
  stdout(text: string | Uint8Array): void;
  stderr(text: string): void;
  /** Whether a person watches standard error. */
  interactive: boolean;
  env: NodeJS.ProcessEnv;
  cwd: string;
  /** Aborted by Ctrl-C. */
  signal: AbortSignal;
}

/** Prints one JSON document. */
export function printJson(io: CliIo, value: unknown): void {
  io.stdout(`${JSON.stringify(value, null, 2)}\n`);
}

/** A line of progress, for people only. */
export function progress(io: CliIo, text: string): void {
  if (io.interactive) io.stderr(`${text}\n`);
}

/** Reports a failure as the command line promises it, and returns the exit status. */
export function reportFailure(io: CliIo, error: unknown, json: boolean): number {
  const code = error instanceof AppError ? error.code : 'internal';
  const next = nextTextOf(error);
  if (json)
    printJson(io, { error: { code, message: messageOf(error), ...(next === undefined ? {} : { next }) } });
  else {
    io.stderr(`error: ${messageOf(error)}\n`);
    if (next !== undefined) io.stderr(`Next: ${next}\n`);
  }
  return code === 'usage' ? exitStatus.usage : exitStatus.failure;
}
