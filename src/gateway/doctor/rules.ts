import { clientRules } from './client-rules';
import type { Facts } from './facts';
import { gatewayRules } from './gateway-rules';
import { projectRules } from './project-rules';
import { verdicts, type Check, type Rule } from './rule';
import { serversRules } from './servers-rules';
import { tokenRules } from './token-rules';
import { wiringRules } from './wiring-rules';

/** Everything that the doctor asks, in the order in which a person would. */
export const rules: readonly Rule[] = [
  ...gatewayRules,
  ...tokenRules,
  ...serversRules,
  ...wiringRules,
  ...clientRules,
  ...projectRules,
];

/** The answers to all rules, problems first; a rule gives one answer or several. */
export function examine(facts: Facts): Check[] {
  const checks = rules.flatMap(({ id, looksAt, judge }) =>
    [judge(facts)].flat().map((outcome): Check => ({ rule: id, looksAt, ...outcome })),
  );
  return verdicts.flatMap((verdict) => checks.filter((check) => check.verdict === verdict));
}
