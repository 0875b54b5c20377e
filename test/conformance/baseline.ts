import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import * as v from 'valibot';

const file = path.join(__dirname, 'baseline.json');

const schema = v.object({
  /** Checks that are known to be missed, by run. The list may only get shorter. */
  missed: v.record(v.string(), v.array(v.string())),
  /** Checks that no gateway can pass in a run between two eras, with the section that says so. */
  impossible: v.record(v.string(), v.string()),
});

export type Baseline = v.InferOutput<typeof schema>;

const first = !existsSync(file);

/** What is known to be missed; nothing when there is no file yet. */
export const baseline: Baseline = first
  ? { missed: {}, impossible: {} }
  : v.parse(schema, JSON.parse(readFileSync(file, 'utf8')));

/** Writes the file: from nothing all that is missed, afterwards only what it named before and is still missed. */
export function writeBaseline(missed: ReadonlyMap<string, readonly string[]>): void {
  const kept = [...missed].map(([run, checks]): [string, string[]] => [
    run,
    checks.filter((check) => first || (baseline.missed[run] ?? []).includes(check)),
  ]);
  const shorter = Object.fromEntries(kept.filter(([, checks]) => checks.length > 0));
  writeFileSync(file, `${JSON.stringify({ ...baseline, missed: shorter }, undefined, 2)}\n`);
}
