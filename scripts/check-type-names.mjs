// Part of `npm run lint`: no two exported types of src/ share a name, so that a name means one thing wherever it is read.
// A schema and the type of the same name in one file are one.
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import ts from 'typescript';
import { root } from './install.mjs';
import { filesIn } from './lib/files-in.mjs';

const isType = (node) =>
  ts.isInterfaceDeclaration(node) ||
  ts.isTypeAliasDeclaration(node) ||
  ts.isClassDeclaration(node) ||
  ts.isEnumDeclaration(node);

const isExported = ({ modifiers = [] }) => modifiers.some(({ kind }) => kind === ts.SyntaxKind.ExportKeyword);

/** The types that a file declares and exports, each with its place. */
export function exportedTypes(file, text) {
  const source = ts.createSourceFile(file, text, ts.ScriptTarget.Latest);
  const types = source.statements.filter((node) => isType(node) && isExported(node) && node.name);
  return types.map(({ name }) => {
    const { line, character } = source.getLineAndCharacterOfPosition(name.getStart(source));
    return { name: name.text, place: `${file}:${line + 1}:${character + 1}` };
  });
}

/** A sentence for each name that is exported more than once. */
export function sharedNames(types) {
  const places = new Map();
  for (const { name, place } of types) places.set(name, [...(places.get(name) ?? []), place]);
  return [...places]
    .filter(([, all]) => all.length > 1)
    .map(
      ([name, [first, ...others]]) =>
        `${first}: the type ${name} is also exported by ${others.join(' and ')}.`,
    );
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const files = await filesIn(root, 'src', '.ts');
  const types = await Promise.all(
    files.map(async (file) => exportedTypes(file, await readFile(path.join(root, file), 'utf8'))),
  );
  const problems = sharedNames(types.flat());
  for (const problem of problems) console.error(problem);
  if (problems.length > 0) console.error('Rename the one whose name fits less well.');
  process.exitCode = problems.length === 0 ? 0 : 1;
}
