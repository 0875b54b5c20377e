import {
  createScanner,
  findNodeAtLocation,
  type JSONPath,
  type Node,
  type ParseError as JsoncProblem,
  parseTree,
  getNodeValue,
  printParseErrorCode,
} from 'jsonc-parser';
import { AppError, ParseError } from '../errors';

/** The text of a file apart from its byte-order mark, so that an edit keeps the mark. */
export interface SourceText {
  bom: string;
  text: string;
}

const bomCharacter = '\uFEFF';

/** Decodes UTF-8. Bytes that are not UTF-8 would be damaged by writing them back, so they are a ParseError. */
export function decodeText(bytes: Uint8Array, file: string): SourceText {
  try {
    const text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
    return text.startsWith(bomCharacter) ? { bom: bomCharacter, text: text.slice(1) } : { bom: '', text };
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
    throw new ParseError(
      { file },
      'The file is not UTF-8 text.',
      'Save the file as UTF-8 and run the command again.',
    );
  }
}

/** The bytes of an edited JSONC text, with its byte-order mark. Throws when the result could not be parsed again. */
export function encodeJsonc(source: SourceText, file: string): Buffer {
  try {
    if (source.text.trim() !== '') parseJsoncObject(source.text, file);
  } catch (error) {
    throw new AppError('internal', `The edit would damage the file ${file}, so nothing was written.`, {
      next: 'Please report this problem and attach the file. Make the change by hand.',
      cause: error,
    });
  }
  return Buffer.from(source.bom + source.text, 'utf8');
}

/** Line and column, both from 1, of an offset in a text with any kind of line ending. */
export function positionAt(text: string, offset: number): { line: number; column: number } {
  const before = text.slice(0, offset).split(/\r\n|\r|\n/);
  return { line: before.length, column: (before.at(-1) ?? '').length + 1 };
}

/** Parses JSON with comments and trailing commas. Throws a ParseError with line and column for a syntax error. */
export function parseJsoncTree(text: string, file: string): Node {
  refuseDepth(text, file);
  const problems: JsoncProblem[] = [];
  const tree = parseTree(text, problems, { allowTrailingComma: true });
  const problem = problems[0];
  if (problem !== undefined) {
    throw new ParseError({ file, ...positionAt(text, problem.offset) }, describeProblem(problem, text));
  }
  if (tree === undefined) throw new ParseError({ file, line: 1, column: 1 }, 'The file is empty.');
  return tree;
}

/** The parser calls itself for each level, and thousands of levels end the stack. */
const mostLevels = 200;

function refuseDepth(text: string, file: string): void {
  const scanner = createScanner(text, true);
  let depth = 0;
  for (scanner.scan(); scanner.getTokenLength() > 0; scanner.scan()) {
    // A string or a comment begins with another character.
    const first = text.charAt(scanner.getTokenOffset());
    if (first === '{' || first === '[') depth += 1;
    else if (first === '}' || first === ']') depth -= 1;
    if (depth <= mostLevels) continue;
    const place = { file, ...positionAt(text, scanner.getTokenOffset()) };
    throw new ParseError(place, `The file has more than ${mostLevels} levels of objects and lists.`);
  }
}

/** The value of a JSONC text whose outermost value is an object; anything else is a ParseError. */
export function parseJsoncObject(text: string, file: string): Record<string, unknown> {
  const tree = parseJsoncTree(text, file);
  const value: unknown = getNodeValue(tree);
  if (isRecord(value)) return value;
  throw new ParseError({ file, ...positionAt(text, tree.offset) }, 'An object was expected here.');
}

/** Whether a parsed value is a JSON object. */
export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The location of a value, for an error message. Only the file when the value is not found. */
export function locationOf(
  text: string,
  file: string,
  path: JSONPath,
): { file: string; line?: number; column?: number } {
  const tree = parseTree(text, [], { allowTrailingComma: true });
  const node = tree === undefined ? undefined : findNodeAtLocation(tree, path);
  return node === undefined ? { file } : { file, ...positionAt(text, node.offset) };
}

/** Compares two JSON values; the order of keys does not matter. */
export function deepEqual(left: unknown, right: unknown): boolean {
  if (Object.is(left, right)) return true;
  if (Array.isArray(left) && Array.isArray(right)) {
    return left.length === right.length && left.every((item, index) => deepEqual(item, right[index]));
  }
  if (!isRecord(left) || !isRecord(right)) return false;
  const keys = Object.keys(left);
  return keys.length === Object.keys(right).length && keys.every((key) => deepEqual(left[key], right[key]));
}

function describeProblem(problem: JsoncProblem, text: string): string {
  const words = printParseErrorCode(problem.error)
    .replace(/([a-z])([A-Z])/g, '$1 $2')
    .toLowerCase();
  const near = text.slice(problem.offset, problem.offset + 20).split(/\r?\n|\r/)[0] ?? '';
  return `This is not valid JSON: ${words}${near === '' ? '' : ` near \`${near}\``}.`;
}

/** The indentation and line ending that the text uses. */
export function detectFormatting(text: string): { insertSpaces: boolean; tabSize: number; eol: string } {
  const eol = /\r\n|\r|\n/.exec(text)?.[0] ?? '\n';
  const indents = [...text.matchAll(/(?:^|[\r\n])([\t ]+)(?=["{[}\]])/g)].map((match) => match[1] ?? '');
  const shortest = indents.reduce(
    (best, indent) => (indent.length < best.length ? indent : best),
    indents[0] ?? '',
  );
  if (shortest.startsWith('\t')) return { insertSpaces: false, tabSize: 4, eol };
  return { insertSpaces: true, tabSize: shortest === '' ? 2 : shortest.length, eol };
}
