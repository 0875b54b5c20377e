// Every regular expression of the product: found in the source, and kept in patterns.json with the proof that its time is
// linear in the text.
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import ts from 'typescript';
import { filesIn } from './files-in.mjs';

const root = fileURLToPath(new URL('../..', import.meta.url));

/** The table, relative to the project. */
export const tableFile = 'scripts/lib/patterns.json';

/** The table: `linear` lists the patterns, and `made` says what each expression that makes a pattern makes. */
export async function readTable() {
  return JSON.parse(await readFile(path.join(root, tableFile), 'utf8'));
}

const isMade = (node) =>
  (ts.isNewExpression(node) || ts.isCallExpression(node)) && node.expression.getText() === 'RegExp';

/** The patterns of a file: `text` is a literal, or the expression that makes one. */
function patternsOf(file, text) {
  const source = ts.createSourceFile(file, text, ts.ScriptTarget.Latest, true);
  const found = [];
  const visit = (node) => {
    const { line } = source.getLineAndCharacterOfPosition(node.getStart(source));
    const place = `${file}:${line + 1}`;
    if (ts.isRegularExpressionLiteral(node)) found.push({ place, text: node.text, made: false });
    else if (isMade(node)) found.push({ place, text: node.getText(source).replace(/\s+/g, ' '), made: true });
    ts.forEachChild(node, visit);
  };
  visit(source);
  return found;
}

/** The patterns of the product. */
export async function productPatterns() {
  const files = await filesIn(root, 'src', '.ts');
  const found = files.map(async (file) => patternsOf(file, await readFile(path.join(root, file), 'utf8')));
  return (await Promise.all(found)).flat();
}

/** A literal as source and flags. */
export function parsedLiteral(literal) {
  const end = literal.lastIndexOf('/');
  return { source: literal.slice(1, end), flags: literal.slice(end + 1) };
}

/** What differs between the product and the table. */
export function differences(found, { linear, made }) {
  const literals = new Set(found.filter((one) => !one.made).map(({ text }) => text));
  for (const text of Object.values(made)) literals.add(text);
  const known = new Set(linear);
  const expressions = new Set(found.filter((one) => one.made).map(({ text }) => text));
  return {
    unknown: [...literals].filter((text) => !known.has(text)),
    unused: linear.filter((text) => !literals.has(text)),
    unknownMade: found.filter((one) => one.made && !(one.text in made)),
    unusedMade: Object.keys(made).filter((text) => !expressions.has(text)),
  };
}
