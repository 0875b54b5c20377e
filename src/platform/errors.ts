import type { ErrorCode } from './error-codes';
import { stepText, type NextStep } from './next-step';

/** A place in a text file; lines and columns count from 1. */
export interface FileLocation {
  file: string;
  line?: number;
  column?: number;
}

/**
 * An error meant to be read by a person: `message` says what happened and to what, `next` what to do about it. A plain
 * string is a next step without a command.
 * A foreign error is kept as `cause`.
 */
export class AppError extends Error {
  readonly code: ErrorCode;
  readonly next: NextStep | undefined;
  readonly location: FileLocation | undefined;

  constructor(
    code: ErrorCode,
    message: string,
    options: { next?: NextStep | string; cause?: unknown; location?: FileLocation } = {},
  ) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = 'AppError';
    this.code = code;
    this.next = typeof options.next === 'string' ? { text: options.next } : options.next;
    this.location = options.location;
  }
}

/**
 * Work ended, and something that it had begun could not be taken back. It is never `cancelled`: the person who cancels
 * must know what is left.
 */
export class LeftoverError extends AppError {
  /** `reason` is what ended the work; `left` says what is left, in a sentence. */
  constructor(reason: unknown, left: string, next: NextStep | string) {
    const code = reason instanceof AppError && reason.code !== 'cancelled' ? reason.code : 'internal';
    const why = messageOf(reason);
    super(code, `${why}${/[.!?]$/.test(why) ? '' : '.'} ${left}`, { next, cause: reason });
  }
}

/** A text could not be parsed. The message starts with `file:line:column`. */
export class ParseError extends AppError {
  constructor(
    location: FileLocation,
    problem: string,
    next: NextStep | string = 'Correct the file and try again.',
  ) {
    super('invalid-file', `${formatLocation(location)}: ${problem}`, { location, next });
    this.name = 'ParseError';
  }
}

/** The next step of anything thrown, as the command line prints it. */
export function nextTextOf(error: unknown): string | undefined {
  return error instanceof AppError && error.next !== undefined ? stepText(error.next) : undefined;
}

/** `file:line:column`, as editors and terminals link it. */
function formatLocation(location: FileLocation): string {
  return [location.file, location.line, location.column].filter((part) => part !== undefined).join(':');
}

/** The message of anything thrown. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** The `code` of a Node system error (`ENOENT`, `ECONNREFUSED`, …), looking through `cause` as well. */
export function systemCode(error: unknown): string | undefined {
  for (
    let current = error, depth = 0;
    current instanceof Error && depth < 5;
    current = current.cause, depth += 1
  ) {
    if ('code' in current && typeof current.code === 'string') return current.code;
  }
  return undefined;
}
