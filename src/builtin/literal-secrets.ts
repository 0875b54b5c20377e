import type { ServerDefinition } from '../servers/schema';

const telling = /token|secret|passw|credential|authorization|cookie|api.?key|private.?key|^key$/i;

/**
 * The values in a definition that look like secrets by their names. They ought to be variables; where they are not, they
 * are still kept out of logs.
 */
export function literalSecrets(definition: ServerDefinition): string[] {
  const named = { ...recordOf(definition, 'env'), ...recordOf(definition, 'headers') };
  const values = Object.entries(named).flatMap(([name, value]) => (telling.test(name) ? [value] : []));
  const auth = Object.entries(recordOf(definition, 'auth')).flatMap(([name, value]) =>
    name === 'type' || name === 'header' ? [] : [value],
  );
  return [...values, ...auth, ...inUrl(definition)]
    .filter((value) => !value.includes('${'))
    .map((value) => value.replace(/^(Bearer|Basic|Token) +/i, ''));
}

function recordOf(definition: ServerDefinition, key: string): Record<string, string> {
  const value = Object.entries(definition).find(([name]) => name === key)?.[1];
  if (typeof value !== 'object' || value === null) return {};
  return Object.fromEntries(
    Object.entries(value).filter((entry): entry is [string, string] => typeof entry[1] === 'string'),
  );
}

function inUrl(definition: ServerDefinition): string[] {
  if (!('url' in definition) || typeof definition.url !== 'string' || !URL.canParse(definition.url))
    return [];
  const { password, searchParams } = new URL(definition.url);
  const queried = [...searchParams].flatMap(([name, value]) => (telling.test(name) ? [value] : []));
  return password === '' ? queried : [decodeURIComponent(password), ...queried];
}
