import type { Facts } from './facts';
import { type NextStep, step } from '../../platform/next-step';

export const verdicts = ['problem', 'warning', 'ok', 'not-applicable'] as const;
export type Verdict = (typeof verdicts)[number];

/** What a rule says: `text` is what was found; a problem and a warning also say what to do next. */
export type RuleOutcome =
  | { verdict: 'ok' | 'not-applicable'; text: string }
  | { verdict: 'problem' | 'warning'; text: string; next: NextStep };

/** One question that the doctor asks. Pure: everything it looks at is in the facts, which hold no secret. */
export interface Rule {
  /** Stable; scripts may test it. */
  id: string;
  /** What is looked at, in a few words. */
  looksAt: string;
  judge: (facts: Facts) => RuleOutcome | readonly RuleOutcome[];
}

/** An answer to a rule's question. */
export type Check = { rule: string; looksAt: string } & RuleOutcome;

export const ok = (text: string): RuleOutcome => ({ verdict: 'ok', text });
export const problem = (text: string, next: NextStep | string): RuleOutcome => ({
  verdict: 'problem',
  text,
  next: typeof next === 'string' ? step(next) : next,
});
export const warning = (text: string, next: NextStep | string): RuleOutcome => ({
  verdict: 'warning',
  text,
  next: typeof next === 'string' ? step(next) : next,
});
export const notApplicable = (text: string): RuleOutcome => ({ verdict: 'not-applicable', text });

export function countOf(checks: readonly Check[], verdict: Verdict): number {
  return checks.filter((check) => check.verdict === verdict).length;
}
