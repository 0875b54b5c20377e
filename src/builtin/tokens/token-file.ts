import { createHash, randomBytes } from 'node:crypto';
import * as v from 'valibot';
import { unrestricted, isRestricted, type Profile } from './profile';

/** The names of the gateway's own profiles. */
const reserved = new Set(['default', 'admin', 'gateway']);

const tokenName = v.pipe(
  v.string(),
  v.regex(
    /^[A-Za-z0-9][A-Za-z0-9_.-]{0,63}$/,
    'A token name must have 1-64 characters of A-Z a-z 0-9 _ . - and must start with a letter or digit.',
  ),
  v.check((name) => !reserved.has(name), 'The name is reserved for the gateway.'),
);

const patterns = v.pipe(v.array(v.pipe(v.string(), v.nonEmpty(), v.maxLength(256))), v.maxLength(1000));

const calls = v.pipe(v.number(), v.integer(), v.minValue(1));

const time = v.pipe(
  v.string(),
  v.check((text) => !Number.isNaN(Date.parse(text)), 'This is not a date and time in ISO 8601 format.'),
);

const rules = {
  name: tokenName,
  /** The token is not accepted after this time. */
  expires: v.optional(time),
  /** Patterns for servers and for `server__tool`. `*` matches any characters. */
  tools: v.optional(v.strictObject({ allow: v.optional(patterns), deny: v.optional(patterns, []) }), {}),
  /** Allows only tools with `readOnlyHint: true`. */
  readOnly: v.optional(v.boolean(), false),
  quota: v.optional(v.strictObject({ perHour: v.optional(calls), perDay: v.optional(calls) }), {}),
};

/** The rules for a new token. */
export const TokenRules = v.strictObject(rules);
export type TokenRules = v.InferOutput<typeof TokenRules>;

const TokenEntry = v.strictObject({
  ...rules,
  created: time,
  /** The SHA-256 of the token, in hexadecimal. The token itself is not stored. */
  hash: v.pipe(v.string(), v.regex(/^[0-9a-f]{64}$/, 'This is not a SHA-256 in hexadecimal.')),
});
export type TokenEntry = v.InferOutput<typeof TokenEntry>;

const TokenFile = v.strictObject({ tokens: v.array(TokenEntry) });

/** The tokens in the text of `tokens.json`. Throws when the text does not have the expected form. */
export function parseTokens(text: string): readonly TokenEntry[] {
  const { tokens } = v.parse(TokenFile, JSON.parse(text));
  const twice = tokens.find(({ name }, i) => tokens.findIndex((other) => other.name === name) !== i);
  if (twice) throw new Error(`The name "${twice.name}" occurs twice.`);
  return tokens;
}

export function formatTokens(tokens: readonly TokenEntry[]): string {
  return `${JSON.stringify({ tokens }, null, 2)}\n`;
}

/** A new token, and its entry for the file. */
export function newToken(rules: TokenRules): { token: string; entry: TokenEntry } {
  const token = `mcpgw_${randomBytes(32).toString('base64url')}`;
  return { token, entry: { ...rules, created: new Date().toISOString(), hash: hashOf(token) } };
}

export function hashOf(token: string): string {
  return createHash('sha256').update(token).digest('hex');
}

/** The permissions of a token. */
export function profileOf({ name, tools, readOnly, quota }: TokenEntry): Profile {
  const profile: Profile = {
    ...unrestricted(name),
    revocable: true,
    allow: tools.allow,
    deny: tools.deny,
    readOnly,
    quota: { perHour: quota.perHour, perDay: quota.perDay },
  };
  return isRestricted(profile)
    ? { ...profile, key: `${name} ${JSON.stringify([tools, readOnly, quota])}` }
    : profile;
}

/** The entry without its hash, as it may be shown. */
export function withoutHash(entry: TokenEntry): TokenRules & { created: string } {
  const { name, created, expires, tools, readOnly, quota } = entry;
  return { name, created, ...(expires === undefined ? {} : { expires }), tools, readOnly, quota };
}
