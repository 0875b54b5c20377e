import type { Facts } from './facts';
import { countOf, type Check, type Verdict } from './rule';
import { type NextStep, stepText } from '../../platform/next-step';

const marks: Readonly<Record<Verdict, string>> = {
  problem: 'PROBLEM',
  warning: 'warning',
  ok: 'ok',
  'not-applicable': '-',
};

/** The form for people: a line a check, the next step under what is wrong. */
export function doctorText(
  { workspace, inside }: Pick<Facts, 'workspace' | 'inside'>,
  checks: readonly Check[],
  words: (next: NextStep) => string = stepText,
): string {
  const width = Math.max(...checks.map(({ rule }) => rule.length));
  const lines = checks.flatMap((check) => {
    const head = `${marks[check.verdict].padEnd(7)}  ${check.rule.padEnd(width)}  ${check.text}`;
    return 'next' in check ? [head, `${' '.repeat(width + 11)}Next: ${words(check.next)}`] : [head];
  });
  const [problems, warnings] = [countOf(checks, 'problem'), countOf(checks, 'warning')];
  const where = inside ? 'from inside the dev container' : 'from the host';
  return `${lines.join('\n')}\n\n${workspace}, ${where}: ${number(problems, 'problem')}, ${number(warnings, 'warning')}.\n`;
}

function number(count: number, word: string): string {
  return `${count === 0 ? 'no' : count} ${word}${count === 1 ? '' : 's'}`;
}
