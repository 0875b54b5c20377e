// Part of `npm run lint`: the time of every regular expression of src/ is linear in the text. `scripts/lib/patterns.json` lists
// those for which this is proved. `-- --write` proves new ones and writes them into the list; a pattern that is not linear is
// shown with the text that makes it slow. An expression that makes a pattern is listed by hand under `made`, with the pattern
// that it makes. `test/unit/scripts/patterns.test.ts` measures each pattern of the list.
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { format } from 'prettier';
import { root } from './install.mjs';
import { differences, parsedLiteral, productPatterns, readTable, tableFile } from './lib/patterns.mjs';

const table = await readTable();
const found = await productPatterns();
const { unknown, unused, unknownMade, unusedMade } = differences(found, table);
const problems = [
  ...unknownMade.map(
    ({ place, text }) =>
      `${place}: ${text} is not in ${tableFile}. Add it under "made", with the pattern that it makes.`,
  ),
  ...unusedMade.map((text) => `${tableFile}: src/ does not have ${text}. Remove it.`),
];
if (process.argv.includes('--write')) problems.push(...(await write()));
else
  problems.push(
    ...unknown.map((text) => `${placeOf(text)}: ${text} is not in ${tableFile}.`),
    ...unused.map((text) => `${tableFile}: src/ does not have ${text}.`),
    ...(unknown.length + unused.length > 0 ? ['Run: node scripts/check-patterns.mjs --write'] : []),
  );
for (const problem of problems) console.error(problem);
process.exitCode = problems.length === 0 ? 0 : 1;

function placeOf(literal) {
  return found.find(({ text }) => text === literal)?.place ?? tableFile;
}

/** Writes the patterns that are proved. Returns a sentence for each of the others. */
async function write() {
  const { checkSync } = await import('recheck');
  const proved = [];
  const slow = [];
  for (const text of unknown) {
    const { source, flags } = parsedLiteral(text);
    const { status, complexity, attack } = checkSync(source, flags, { timeout: 60_000 });
    if (status === 'safe') proved.push(text);
    else
      slow.push(
        `${placeOf(text)}: ${text} is not linear (${complexity?.summary ?? status}): ${attack?.pattern ?? 'no proof'}`,
      );
  }
  const linear = [...table.linear.filter((text) => !unused.includes(text)), ...proved].sort();
  const file = path.join(root, tableFile);
  await writeFile(
    file,
    await format(JSON.stringify({ ...table, linear }), { parser: 'json', printWidth: 120 }),
  );
  return slow;
}
