import type { ServerDefinition } from './schema';

const telling = /token|secret|passw|credential|authorization|cookie|api.?key|private.?key|^key$/i;
/** The members of a REST API's `auth` that carry what must stay secret. */
const ofAuth: readonly string[] = ['token', 'password', 'value'];

/** A secret that stands in a definition by value. */
export interface LiteralSecret {
  /** Where: `env.API_KEY`, `headers.Authorization`, `auth.token`, `url`. */
  place: string;
  value: string;
}

/**
 * The values in a definition that look like secrets by their names. They ought to be variables; where they are not, they
 * are still kept out of logs.
 */
export function literalSecrets(definition: ServerDefinition): LiteralSecret[] {
  const named = ['env', 'headers'].flatMap((key) =>
    Object.entries(recordOf(definition, key)).map(([name, value]) => ({ key, name, value })),
  );
  const auth = Object.entries(recordOf(definition, 'auth')).filter(([name]) => ofAuth.includes(name));
  return [
    ...named
      .filter(({ name }) => telling.test(name))
      .map(({ key, name, value }) => ({ place: `${key}.${name}`, value })),
    ...auth.map(([name, value]) => ({ place: `auth.${name}`, value })),
    ...inUrl(definition).map((value) => ({ place: 'url', value })),
  ]
    .filter(({ value }) => !value.includes('${'))
    .map(({ place, value }) => ({ place, value: value.replace(/^(Bearer|Basic|Token) +/i, '') }))
    .filter(({ value }) => value !== '');
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
