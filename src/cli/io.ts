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

/**
 * Characters that a terminal obeys instead of showing: controls, escape sequences, and marks that turn the direction of
 * a text or hide in it. Line ends, tabs, and the joiners that some scripts and emoji need are left.
 */
const obeyed =
  /\r(?!\n)|[\0-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u061c\u200b\u200e\u200f\u2028-\u202e\u2060-\u2069\ufeff]/g;

/**
 * A text as a terminal may have it: names, descriptions, diffs and logs come from servers and repositories, so what a
 * terminal would obey is shown, as `\\x1b` or `\\u202e`. JSON stays JSON with the same value: it has no raw `\\x` control.
 */
export function shown(text: string): string {
  return text.replace(obeyed, (character) => {
    const code = character.charCodeAt(0).toString(16);
    return code.length > 2 || character > '\x7e'
      ? `\\u${code.padStart(4, '0')}`
      : `\\x${code.padStart(2, '0')}`;
  });
}

/** A text in one line: line ends and tabs are shown too. */
export function shownLine(text: string): string {
  return shown(text).replace(/[\r\n\t]/g, (mark) => ({ '\r': '\\r', '\n': '\\n' })[mark] ?? '\\t');
}

/** The streams with every text as `shown`. Bytes, which are not for a terminal, stay as they are. */
export function showing(io: CliIo): CliIo {
  return {
    stdout: (text) => io.stdout(typeof text === 'string' ? shown(text) : text),
    stderr: (text) => io.stderr(shown(text)),
    interactive: io.interactive,
    env: io.env,
    cwd: io.cwd,
    get signal() {
      return io.signal;
    },
  };
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
