import { readFile } from 'node:fs/promises';
import path from 'node:path';
import type { Readable } from 'node:stream';
import * as v from 'valibot';
import { wholeValue } from '../mcp-wire/json';
import { JsonSyntaxError } from '../mcp-wire/json-scan';
import { JsonObjectText } from '../gateway/driver';
import { AppError, messageOf, ParseError } from '../platform/errors';

/**
 * The text of `--args`: JSON as it was typed, `@FILE`, or `-` (also `@-`) for standard input. It is checked to be one
 * JSON object, with the position of what is wrong, and otherwise left as it is: large integers survive.
 */
export async function jsonArguments(
  given: string | undefined,
  context: { cwd: string; stdin?: Readable },
): Promise<JsonObjectText> {
  if (given === undefined) return checked(Buffer.from('{}'), '--args');
  if (given === '-' || given === '@-')
    return checked(await bytesOf(context.stdin ?? process.stdin), 'standard input');
  if (!given.startsWith('@')) return checked(Buffer.from(given), '--args');
  const file = path.resolve(context.cwd, given.slice(1));
  try {
    return checked(await readFile(file), file);
  } catch (error) {
    if (error instanceof AppError) throw error;
    throw new AppError('not-found', `${file} cannot be read: ${messageOf(error)}`, {
      next: 'Name a file with the arguments: --args @FILE.',
      cause: error,
    });
  }
}

function checked(bytes: Buffer, source: string): JsonObjectText {
  const start = bytes.subarray(0, 3).equals(byteOrderMark) ? 3 : 0;
  try {
    const span = wholeValue(bytes, start);
    if (bytes[span.start] !== openBrace)
      throw new JsonSyntaxError('The arguments must be one JSON object, such as {"a": 1}.', span.start);
    return v.parse(JsonObjectText, bytes.toString('utf8', span.start, span.end));
  } catch (error) {
    if (!(error instanceof JsonSyntaxError)) throw error;
    throw new ParseError({ file: source, ...positionOf(bytes, error.offset) }, error.problem, exampleNext);
  }
}

const openBrace = 0x7b;
const byteOrderMark = Buffer.from([0xef, 0xbb, 0xbf]);
const exampleNext = `Pass a JSON object: --args '{"message":"hello"}', --args @FILE, or --args - for standard input.`;

/** Line and column of a byte, from 1; columns count characters. */
function positionOf(bytes: Buffer, offset: number): { line: number; column: number } {
  const lines = bytes.toString('utf8', 0, offset).split('\n');
  return { line: lines.length, column: (lines.at(-1)?.length ?? 0) + 1 };
}

async function bytesOf(input: Readable): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of input as AsyncIterable<unknown>) {
    if (Buffer.isBuffer(chunk)) chunks.push(chunk);
    else if (typeof chunk === 'string') chunks.push(Buffer.from(chunk));
  }
  return Buffer.concat(chunks);
}
