import * as v from 'valibot';
import type { ServerDefinition } from './schema';

const secretName = /token(?!i[sz])|secret|passw|credential|authorization|cookie|api.?key|private.?key|^key$/i;
/** Names of values that describe a secret (its file, its type, whether it is used) but are not the secret itself. */
const referenceName =
  /^(?:no|use|with|enable|disable)[-_]|(?:file|path|dir|env|stdin|name|url|type|ttl|limit|count|length|budget)$/i;
/** Shorter values are words such as `true`, or counts. */
const leastLength = 6;
/** The members of a REST API's `auth` that hold secrets. */
const authSecrets: readonly string[] = ['token', 'password', 'value'];
const withDefault = /\$\{([A-Za-z_]\w*):-([^}]+)(?:\}|$)/g;

/** A secret that is written literally in a definition. */
export interface LiteralSecret {
  /** The location: `env.API_KEY`, `args.2`, `headers.Authorization`, `auth.token`, `url`, `tools.search.headers.X-Api-Key`. */
  place: string;
  value: string;
}

/**
 * The values in a definition whose names say that they are secrets. They should be variables. Where they are not, they are
 * still kept out of logs.
 */
export function literalSecrets(definition: ServerDefinition): LiteralSecret[] {
  return [
    ...named('env', definition['env']),
    ...inArguments(definition['args']),
    ...named('headers', definition['headers']),
    ...named('auth', definition['auth'], (name) => authSecrets.includes(name)),
    ...['url', 'baseUrl'].flatMap((key) => inUrl(key, definition[key])),
    ...(definition.type === 'rest' ? definition.tools : []).flatMap(({ name, headers, params }) => [
      ...named(`tools.${name}.headers`, headers),
      ...named(`tools.${name}.params`, params),
    ]),
  ];
}

/** The values of an object whose names say that they are secrets. */
function named(place: string, table: unknown, isSecretName = isSecret): LiteralSecret[] {
  const parsed = v.safeParse(v.record(v.string(), v.unknown()), table);
  if (!parsed.success) return [];
  return Object.entries(parsed.output).flatMap(([name, value]) =>
    typeof value === 'string' ? literals(`${place}.${name}`, value, isSecretName(name, value)) : [],
  );
}

/** `--api-key=…`, `--api-key …`, `API_KEY=…`, `Authorization: …`, and the URLs among them. */
function inArguments(list: unknown): LiteralSecret[] {
  const parsed = v.safeParse(v.array(v.string()), list);
  const args = parsed.success ? parsed.output : [];
  return args.flatMap((argument, index) => {
    const place = `args.${index}`;
    if (/^https?:/.test(argument)) return inUrl(place, argument);
    const option = /^--?([\w.-]+)$/.exec(args[index - 1] ?? '')?.[1];
    if (option !== undefined && !argument.startsWith('-') && isSecret(option, argument))
      return literals(place, argument, !isPath(argument));
    const [, name = '', value = argument] = /^-{0,2}([\w.-]+)[=:] *([^]*)$/.exec(argument) ?? [];
    return literals(place, value, isSecret(name, value) && !isPath(value));
  });
}

/** Whether the name says that the value is a secret. A number under a name with "token" is a count of tokens. */
function isSecret(name: string, value: string): boolean {
  const counts = /token/i.test(name) && /^\d+$/.test(value);
  return secretName.test(name) && !referenceName.test(name) && !counts;
}

function isPath(text: string): boolean {
  return /^(?:\.{1,2}|~)?\/[\w.-]+(?:\/|$)/.test(text);
}

function inUrl(place: string, value: unknown): LiteralSecret[] {
  if (typeof value !== 'string') return [];
  const defaults = literals(place, value, false);
  if (!URL.canParse(value)) return defaults;
  const { password, searchParams } = new URL(value);
  return [
    ...literals(place, decoded(password), true),
    ...[...searchParams].flatMap(([name, text]) => (isSecret(name, text) ? literals(place, text, true) : [])),
    ...defaults,
  ];
}

/** Decodes percent escapes. A `%` that starts no escape is kept. */
function decoded(text: string): string {
  return text.replace(/(?:%[\da-f]{2})+/gi, (escaped) =>
    Buffer.from(escaped.replaceAll('%', ''), 'hex').toString(),
  );
}

/** The literal secrets in a text: all of it when it is a secret, and the defaults of variables with secret names. */
function literals(place: string, text: string, secret: boolean): LiteralSecret[] {
  const values =
    secret && !text.includes('${') && !text.includes('{{')
      ? [text.replace(/^(Bearer|Basic|Token) +/i, '')]
      : [...text.matchAll(withDefault)].flatMap(([, name = '', value = '']) =>
          secret || isSecret(name, value) ? [value] : [],
        );
  return values.flatMap((value) => (value.length < leastLength ? [] : [{ place, value }]));
}
