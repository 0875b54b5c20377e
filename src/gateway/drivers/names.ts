import { step, type NextStep } from '../../platform/next-step';
import { AppError } from '../../platform/errors';

/**
 * The entry that a person means: the one with this full name, else the only one with this name at its server. Throws
 * `not-found` with the nearest names, else `listing`, which says how they are listed, else the first ten names; `usage`
 * when several servers have it.
 */
export function entryNamed<T extends { name: string }>(
  entries: readonly T[],
  wanted: string,
  shortName: (entry: T) => string,
  what: string,
  listing?: NextStep,
): T {
  const exact = entries.find((entry) => entry.name === wanted);
  if (exact) return exact;
  const [only, ...others] = entries.filter((entry) => shortName(entry) === wanted);
  if (only && others.length === 0) return only;
  if (only) {
    const names = [only, ...others].map((entry) => entry.name);
    throw new AppError('usage', `Several servers have a ${what} "${wanted}".`, {
      next: `Use one of these names: ${names.join(', ')}.`,
    });
  }
  const near = nearest(wanted, entries, shortName);
  throw new AppError('not-found', `This gateway has no ${what} "${wanted}".`, {
    next: near.length > 0 ? `Did you mean ${near.join(', ')}?` : (listing ?? overview(entries, what)),
  });
}

/** What there is to choose from. */
function overview(entries: readonly { name: string }[], what: string): NextStep {
  const names = entries.map(({ name }) => name);
  if (names.length === 0) return step(`The gateway has no ${what}s. Look at its servers.`, 'servers');
  const shown = names.slice(0, 10).join(', ');
  return step(`Its ${what}s: ${shown}${names.length > 10 ? `, and ${names.length - 10} more` : ''}.`);
}

function nearest<T extends { name: string }>(
  wanted: string,
  entries: readonly T[],
  shortName: (entry: T) => string,
): string[] {
  const needle = wanted.toLowerCase();
  const score = (name: string): number => {
    const text = name.toLowerCase();
    if (text.includes(needle) || needle.includes(text)) return 0.5;
    return distance(needle, text);
  };
  return entries
    .map((entry) => ({ name: entry.name, score: Math.min(score(entry.name), score(shortName(entry))) }))
    .filter((one) => one.score <= Math.max(2, wanted.length / 3))
    .sort((a, b) => a.score - b.score || a.name.localeCompare(b.name))
    .slice(0, 3)
    .map((one) => one.name);
}

/** How many letters must be added, taken away or replaced to make one text of the other (Levenshtein). */
function distance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_unused, i) => i);
  for (let i = 1; i <= a.length; i += 1) {
    const next = [i];
    for (let j = 1; j <= b.length; j += 1) {
      const replaced = (row[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1);
      next.push(Math.min(replaced, (row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1));
    }
    row = next;
  }
  return row[b.length] ?? 0;
}
