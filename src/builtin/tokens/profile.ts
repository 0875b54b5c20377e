import type { ListKind } from '../../mcp-wire/lists';
import { Pattern, ruledEntry } from './pattern';

/** What a client with a token may see and do. */
export interface Profile {
  /** The token's name. */
  name: string;
  /** Identifies the rules: profiles with the same key have the same rules, so results can be cached under it. */
  key: string;
  /** Whether its token can be revoked while the gateway is running. */
  revocable: boolean;
  /** The texts of {@link Pattern}s that are allowed. `undefined` allows everything. */
  allow: readonly string[] | undefined;
  /** Patterns that are denied. Deny patterns always win. */
  deny: readonly string[];
  /** Allows only tools with `readOnlyHint: true`. */
  readOnly: boolean;
  quota: { perHour: number | undefined; perDay: number | undefined };
}

/** The profile of a token without restrictions. */
export function unrestricted(name: string): Profile {
  return {
    name,
    key: '',
    revocable: false,
    allow: undefined,
    deny: [],
    readOnly: false,
    quota: { perHour: undefined, perDay: undefined },
  };
}

/** Whether the profile has any restriction. */
export function isRestricted({ allow, deny, readOnly, quota }: Profile): boolean {
  return (
    allow !== undefined ||
    deny.length > 0 ||
    readOnly ||
    quota.perHour !== undefined ||
    quota.perDay !== undefined
  );
}

/** Whether the profile can see anything of a server. */
export function seesServer(profile: Profile, server: string): boolean {
  if (patternsOf(profile.deny).some((pattern) => pattern.isAllOf(server))) return false;
  return profile.allow === undefined || patternsOf(profile.allow).some((pattern) => pattern.touches(server));
}

/**
 * Whether the profile may see and use one entry of a server. Deny patterns always win. For a resource, the URI and every
 * other text that a server can take it for must be allowed, and none of them may be denied.
 */
export function allows(
  profile: Profile,
  server: string,
  kind: ListKind,
  name: string,
  annotations: { readOnlyHint: boolean },
): boolean {
  if (profile.readOnly && kind === 'tools' && !annotations.readOnlyHint) return false;
  const deny = patternsOf(profile.deny);
  const allow = profile.allow && patternsOf(profile.allow);
  const isUri = kind === 'resources' || kind === 'resourceTemplates';
  // Rules that name only servers need no spellings.
  const byName = [...deny, ...(allow ?? [])].some((pattern) => !pattern.isServer);
  const entry = ruledEntry(server, name, isUri && byName);
  if (!entry || deny.some((pattern) => pattern.denies(entry))) return false;
  const places = entry.uri?.all ?? [name];
  return allow === undefined || places.every((_, place) => allow.some((one) => one.allows(entry, place)));
}

/** {@link allows} for a resource, which may be missing from the lists. */
export function allowsResource(profile: Profile, server: string, uri: string): boolean {
  return profile.key === '' || allows(profile, server, 'resources', uri, { readOnlyHint: false });
}

const parsed = new WeakMap<readonly string[], readonly Pattern[]>();

/** The patterns of a list, which are parsed once. */
function patternsOf(texts: readonly string[]): readonly Pattern[] {
  let patterns = parsed.get(texts);
  if (!patterns) parsed.set(texts, (patterns = texts.map((text) => new Pattern(text))));
  return patterns;
}
