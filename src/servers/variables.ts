import { AppError } from '../platform/errors';
import type { ServerDefinition } from './schema';
import { step } from '../platform/next-step';

const reference = /\$\{([A-Za-z_][A-Za-z0-9_]*)(?:\}|:-([^}]*)(?:\}|$))/g;

/**
 * Replaces `${NAME}` and `${NAME:-default}` in a text with the values that `lookup` returns. Throws for a name without a
 * value and without a default, so that a server never receives a literal `${NAME}`.
 */
export function substitute(text: string, lookup: (name: string) => string | undefined): string {
  return text.replaceAll(reference, (match, name: string, fallback: string | undefined) => {
    if (!match.endsWith('}')) return match;
    const value = lookup(name) ?? fallback;
    if (value !== undefined) return value;
    throw new AppError('invalid-value', `The variable ${name} has no value.`, {
      next: step(
        `Give it a default (\${${name}:-value}), pass it to a local gateway with --env ${name}, or set it.`,
        'secret set',
        name,
      ),
    });
  });
}

/** Substitutes in every value of a record. */
export function substituteAll(
  record: Record<string, string>,
  lookup: (name: string) => string | undefined,
): Record<string, string> {
  return Object.fromEntries(Object.entries(record).map(([key, value]) => [key, substitute(value, lookup)]));
}

/** The names of the variables that a definition refers to, including those with a default. */
export function variablesIn(definition: ServerDefinition): ReadonlySet<string> {
  return new Set([...JSON.stringify(definition).matchAll(reference)].map(([, name]) => name ?? ''));
}
