// Figures in Markdown files, between two comments that name them.
import { readFile, writeFile } from 'node:fs/promises';

/** Writes the figures of that name into a file. Throws when the file has no place for them. */
export async function writeFigures(file, name, figures) {
  const text = withFigures(await readFile(file, 'utf8'), name, figures);
  if (text === undefined)
    throw new Error(`${file} has no place for the figures "${name}": ${startOf(name)} … ${endOf(name)}`);
  await writeFile(file, text);
}

/** A text with other figures between its comments of that name; `undefined` when it has no such comments. */
export function withFigures(text, name, figures) {
  const [start, end] = [text.indexOf(startOf(name)), text.indexOf(endOf(name))];
  if (start < 0 || end < start) return undefined;
  return `${text.slice(0, start + startOf(name).length)}\n\n${figures}\n\n${text.slice(end)}`;
}

const startOf = (name) => `<!-- ${name}: npm run bench -- --write -->`;
const endOf = (name) => `<!-- end of ${name} -->`;
