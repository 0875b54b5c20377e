import type { NextStep } from '../../platform/next-step';
import type { Facts } from './facts';
import { gatherFacts, type Examination } from './gather';
import type { Check } from './rule';
import { examine } from './rules';
import { doctorText } from './text';

/** What the doctor saw, what it thinks of it, and the same for people. */
export interface Diagnosis {
  facts: Facts;
  checks: readonly Check[];
  text: string;
}

/** Looks, and judges; promises as `gatherFacts`. `words` puts a next step into words where the text is shown. */
export async function diagnose(
  examination: Examination,
  words?: (next: NextStep) => string,
): Promise<Diagnosis> {
  const facts = await gatherFacts(examination);
  const checks = examine(facts);
  return { facts, checks, text: doctorText(facts, checks, words) };
}
