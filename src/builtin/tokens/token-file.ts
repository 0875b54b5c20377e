import { createHash, randomBytes } from 'node:crypto';
import * as v from 'valibot';
import { unrestricted, isRestricted, type Profile } from './profile';

/** Names that the gateway's own profiles have. */
const reserved = new Set(['default', 'admin', 'gateway']);

const tokenName = v.pipe(
  v.string(),
  v.regex(
    /^[A-Za-z0-9][A-Za-z0-9_.-]{0,63}$/,
    'a name has 1-64 characters of A-Z a-z 0-9 _ . - and starts with a letter or digit',
  ),
  v.check((name) => !reserved.has(name), 'the name is taken by the gateway itself'),
);

const patterns = v.pipe(v.array(v.pipe(v.string(), v.nonEmpty(), v.maxLength(256))), v.maxLength(1000));

const calls = v.pipe(v.number(), v.integer(), v.minValue(1));

const time = v.pipe(
  v.string(),
  v.check((text) => !Number.isNaN(Date.parse(text)), 'not a date and time of ISO 8601'),
);

const rules = {
  name: tokenName,
  /** From then on the token is not taken any more. */
  expires: v.optional(time),
  /** Patterns of servers and of `server__tool`, `*` for any characters. */
  tools: v.optional(v.strictObject({ allow: v.optional(patterns), deny: v.optional(patterns, []) }), {}),
  /** Only tools that say of themselves that they change nothing. */
  readOnly: v.optional(v.boolean(), false),
  quota: v.optional(v.strictObject({ perHour: v.optional(calls), perDay: v.optional(calls) }), {}),
};

/** What a new token is to be. */
export const TokenRules = v.strictObject(rules);
export type TokenRules = v.InferOutput<typeof TokenRules>;

const TokenEntry = v.strictObject({
  ...rules,
  created: time,
  /** SHA-256 of the token, as hexadecimal; the token itself is kept nowhere. */
  hash: v.pipe(v.string(), v.regex(/^[0-9a-f]{64}$/, 'not a SHA-256 in hexadecimal')),
});
export type TokenEntry = v.InferOutput<typeof TokenEntry>;

const TokenFile = v.strictObject({ tokens: v.array(TokenEntry) });

/** The tokens that the text of `tokens.json` holds. Throws for a text of any other form. */
export function parseTokens(text: string): readonly TokenEntry[] {
  const { tokens } = v.parse(TokenFile, JSON.parse(text));
  const twice = tokens.find(({ name }, i) => tokens.findIndex((other) => other.name === name) !== i);
  if (twice) throw new Error(`the name "${twice.name}" stands twice`);
  return tokens;
}

export function formatTokens(tokens: readonly TokenEntry[]): string {
  return `${JSON.stringify({ tokens }, null, 2)}\n`;
}

/** A new token, and the entry by which it is known. */
export function newToken(rules: TokenRules): { token: string; entry: TokenEntry } {
  const token = `mcpgw_${randomBytes(32).toString('base64url')}`;
  return { token, entry: { ...rules, created: new Date().toISOString(), hash: hashOf(token) } };
}

export function hashOf(token: string): string {
  return createHash('sha256').update(token).digest('hex');
}

/** What the bearer of a token may do. */
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

/** What may be shown of a token. */
export function withoutHash(entry: TokenEntry): TokenRules & { created: string } {
  const { name, created, expires, tools, readOnly, quota } = entry;
  return { name, created, ...(expires === undefined ? {} : { expires }), tools, readOnly, quota };
}
