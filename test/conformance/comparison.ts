import type { Outcomes } from './suite-run';

/**
 * What passes in the yardstick and does not pass here, sorted. A check that was not made here counts when its scenario
 * broke off or failed; otherwise the suite found that it does not apply, as to event streams where an answer came as JSON.
 */
export function missing(yardstick: Outcomes, here: Outcomes): string[] {
  const broken = brokenScenarios(here);
  return [...yardstick.checks]
    .filter(([check, status]) => status === 'SUCCESS' && !holds(check, here, broken))
    .map(([check]) => check)
    .sort();
}

function holds(check: string, here: Outcomes, broken: ReadonlySet<string>): boolean {
  const scenario = scenarioOf(check);
  const status = here.checks.get(check);
  if (status !== undefined) return status === 'SUCCESS';
  return here.ended.has(scenario) && !broken.has(scenario);
}

function brokenScenarios({ checks }: Outcomes): Set<string> {
  return new Set(
    [...checks].filter(([, status]) => status !== 'SUCCESS').map(([check]) => scenarioOf(check)),
  );
}

export function passed({ checks }: Outcomes): number {
  return [...checks.values()].filter((status) => status === 'SUCCESS').length;
}

/** How many scenarios came to their end with every check passed. */
export function whole(outcomes: Outcomes): number {
  return outcomes.ended.size - brokenScenarios(outcomes).size;
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
