import {
  type Document,
  isAlias,
  isCollection,
  isMap,
  isPair,
  isScalar,
  LineCounter,
  parseDocument,
} from 'yaml';
import { AppError, ParseError } from '../platform/errors';
import { readRepositoryFile } from '../platform/files';
import { decodeText } from '../platform/jsonc/jsonc';

/*
 * YAML of a repository, whose author nobody knows. A small file can be made to take minutes: by very many marks, by
 * levels, or by aliases that stand for each other. The file is measured before it is parsed and before its aliases are
 * replaced, so that the work for any file is bounded.
 */
const largest = 256 * 1024;
/** Line ends and the characters of YAML's structure: what the parser's time depends on. */
const mostMarks = 50_000;
const mostLevels = 100;
const mostOpen = 1_000;
/** Nodes of the document with every alias replaced. */
const mostNodes = 100_000;
const mostAliases = 1_000;

/** A YAML file, aliases not yet replaced, and what gives the line of an offset. */
export interface YamlFile {
  path: string;
  document: Document;
  lines: LineCounter;
}

/** Reads a YAML file; one that is missing is empty. Errors of syntax are in `document.errors`. */
export async function readYaml(file: string): Promise<YamlFile> {
  const bytes = (await readRepositoryFile(file)) ?? Buffer.alloc(0);
  if (bytes.length > largest) throw tooMuch(file, `is larger than ${largest / 1024} KiB`);
  const { text } = decodeText(bytes, file);
  if (countMarks(text) > mostMarks) throw tooMuch(file, `has more than ${mostMarks} entries`);
  const lines = new LineCounter();
  try {
    const document = parseDocument(text, {
      lineCounter: lines,
      merge: true,
      logLevel: 'silent',
      prettyErrors: false,
      uniqueKeys: false,
    });
    measure(document, file, lines);
    return { path: file, document, lines };
  } catch (error) {
    // The parser calls itself for each level.
    if (error instanceof RangeError) throw tooMuch(file, 'has too many levels');
    throw error;
  }
}

/** The value of a YAML file, aliases replaced. The first mistake in it is a ParseError with line and column. */
export function valueOfYaml({ path: file, document, lines }: YamlFile): unknown {
  const problem = document.errors[0];
  if (problem !== undefined) {
    const { line, col } = lines.linePos(problem.pos[0]);
    throw new ParseError({ file, line, column: col }, problem.message.split('\n')[0] ?? 'not YAML');
  }
  try {
    return document.toJS({ maxAliasCount: mostAliases });
  } catch (error) {
    // How the library counts aliases of aliases.
    if (error instanceof ReferenceError) throw tooMuch(file, 'has too many aliases of aliases');
    throw error;
  }
}

/** Refuses a document that is too deep, or would be too large with its aliases replaced, and keys that stand twice. */
function measure(document: Document, file: string, lines: LineCounter): void {
  const sizes = new Map<string, number>();
  let aliases = 0;
  const size = (node: unknown, depth: number): number => {
    if (depth > mostLevels) throw tooMuch(file, `has more than ${mostLevels} levels`);
    if (isPair(node)) return size(node.key, depth) + size(node.value, depth);
    if (isAlias(node)) {
      aliases += 1;
      if (aliases > mostAliases) throw tooMuch(file, `has more than ${mostAliases} aliases`);
      const stands = sizes.get(node.source);
      if (stands === undefined) throw tooMuch(file, 'has an alias of itself or of nothing');
      return stands;
    }
    let sum = 1;
    if (isMap(node)) refuseTwice(node.items, file, lines);
    if (isCollection(node)) for (const item of node.items) sum += size(item, depth + 1);
    if (sum > mostNodes) throw tooMuch(file, `has more than ${mostNodes} entries with its aliases replaced`);
    if ((isScalar(node) || isCollection(node)) && node.anchor !== undefined) sizes.set(node.anchor, sum);
    return sum;
  };
  size(document.contents, 0);
}

function refuseTwice(pairs: readonly unknown[], file: string, lines: LineCounter): void {
  const seen = new Set<unknown>();
  for (const pair of pairs) {
    const key = isPair(pair) && isScalar(pair.key) ? pair.key : undefined;
    if (key === undefined || key.value === '<<') continue;
    const { line, col } = lines.linePos(key.range?.[0] ?? 0);
    if (seen.has(key.value)) throw new ParseError({ file, line, column: col }, 'Map keys must be unique.');
    seen.add(key.value);
  }
}

function countMarks(text: string): number {
  let marks = 0;
  let open = 0;
  for (const character of text) {
    if ('\n[]{},:-?#&*!|>'.includes(character)) marks += 1;
    if (character === '[' || character === '{') open += 1;
    if (character === ']' || character === '}') open -= 1;
    // The parser takes seconds for thousands that are not closed.
    if (open > mostOpen) return Infinity;
  }
  return marks;
}

function tooMuch(file: string, what: string): AppError {
  return new AppError('invalid-file', `${file} ${what}, so it is not read.`, {
    next: 'Make the file simpler and run the command again.',
    location: { file },
  });
}
