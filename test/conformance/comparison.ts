import type { Outcomes } from './suite-run';

/** What passes in the yardstick and does not pass here, sorted. A check that was not even made has not passed. */
export function missing(yardstick: Outcomes, here: Outcomes): string[] {
  return [...yardstick]
    .filter(([check, status]) => status === 'SUCCESS' && here.get(check) !== 'SUCCESS')
    .map(([check]) => check)
    .sort();
}

export function passed(outcomes: Outcomes): number {
  return [...outcomes.values()].filter((status) => status === 'SUCCESS').length;
}

/** How many scenarios have every check passed. */
export function scenarios(outcomes: Outcomes): { whole: number; all: number } {
  const names = new Set([...outcomes.keys()].map(scenarioOf));
  const broken = new Set(
    [...outcomes].filter(([, status]) => status !== 'SUCCESS').map(([check]) => scenarioOf(check)),
  );
  return { whole: names.size - broken.size, all: names.size };
}

function scenarioOf(check: string): string {
  return check.slice(0, check.indexOf(':'));
}

/** A row as text, each cell padded to the width of its column. */
export function table(rows: readonly (readonly string[])[]): string {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  return rows
    .map((row) =>
      row
        .map((cell, i) => cell.padEnd(widths[i] ?? 0))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}
