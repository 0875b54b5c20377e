// `npm run lint:words` finds the words of scripts/lib/words.json, which have a plainer one, in every text that a person
// can meet: strings of src/, package.json, package.nls.json and the documentation. `--comments` looks at comments too.
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import ts from 'typescript';
import { root } from './install.mjs';
import { filesIn } from './lib/files-in.mjs';

const pages = ['README.md', 'SECURITY.md', 'CONTRIBUTING.md', 'CHANGELOG.md'];
const manifests = ['package.json', 'package.nls.json'];

/** @type {{ words: string, unless?: string, instead: string }[]} */
const glossary = JSON.parse(await readFile(new URL('lib/words.json', import.meta.url), 'utf8'));

/** A line break of the source may be where a space is meant, and in a comment a `*` follows it. */
const rules = glossary.map(({ words, unless, instead }) => ({
  pattern: new RegExp(
    `\\b${words}\\b${unless ? `(?! ${unless}\\b)` : ''}`.replaceAll(' ', '\\s+(?:\\*\\s+)?'),
    'gi',
  ),
  instead,
}));

/** The pieces of a source file that hold text for people, each with its offset. */
function textsOf(file, text, comments) {
  const source = ts.createSourceFile(file, text, ts.ScriptTarget.Latest);
  const spans = new Map();
  const visit = (node) => {
    if (isText(node)) spans.set(node.getStart(source), node.end);
    if (comments) {
      const around = [
        ...(ts.getLeadingCommentRanges(text, node.pos) ?? []),
        ...(ts.getTrailingCommentRanges(text, node.end) ?? []),
      ];
      for (const { pos, end } of around) spans.set(pos, end);
    }
    if (!ts.isImportDeclaration(node) && !ts.isExportDeclaration(node)) ts.forEachChild(node, visit);
  };
  ts.forEachChild(source, visit);
  return [...spans]
    .sort(([left], [right]) => left - right)
    .map(([start, end]) => ({ start, text: text.slice(start, end) }));
}

function isText(node) {
  return ts.isStringLiteral(node) || ts.isTemplateLiteralToken(node);
}

/** What is found in a text, each with its place: `file:line:column: "anew": write again.` */
export function wordsIn(file, text, { comments = false } = {}) {
  const pieces = file.endsWith('.ts') ? textsOf(file, text, comments) : [{ start: 0, text }];
  return pieces.flatMap((piece) =>
    rules.flatMap(({ pattern, instead }) =>
      [...piece.text.matchAll(pattern)].map(({ 0: word, index }) => {
        const before = text.slice(0, piece.start + index).split('\n');
        const place = `${file}:${before.length}:${(before.at(-1) ?? '').length + 1}`;
        return `${place}: "${word.replace(/\s+(?:\*\s+)?/g, ' ')}": write ${instead}.`;
      }),
    ),
  );
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const comments = process.argv.includes('--comments');
  const files = [
    ...(await filesIn(root, 'src', '.ts')),
    ...manifests,
    ...(await filesIn(root, 'docs', '.md')),
    ...pages,
  ];
  const found = await Promise.all(
    files.map(async (file) => wordsIn(file, await readFile(path.join(root, file), 'utf8'), { comments })),
  );
  const problems = found.flat();
  for (const problem of problems) console.error(problem);
  process.exitCode = problems.length === 0 ? 0 : 1;
}
