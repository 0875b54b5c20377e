import type { ListKind } from '../../mcp-wire/lists';

/** What a client with a token may see and do. */
export interface Profile {
  /** The token's name. */
  name: string;
  /** Identifies the rules: profiles with the same key have the same rules, so results can be cached under it. */
  key: string;
  /** Whether its token can be revoked while the gateway is running. */
  revocable: boolean;
  /** Patterns that are allowed. `undefined` allows everything. */
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
  if (profile.deny.some((pattern) => !pattern.includes('__') && matches(pattern, server))) return false;
  return profile.allow?.some((pattern) => matches(serverPart(pattern), server)) ?? true;
}

/**
 * Whether the profile may see and use one entry of a server. A pattern without `__` matches a server and all its entries.
 * A pattern with `__` matches `server__name`; for resources the name is the URI. `*` matches any characters.
 */
export function allows(
  profile: Profile,
  server: string,
  kind: ListKind,
  name: string,
  annotations: { readOnlyHint: boolean },
): boolean {
  if (profile.readOnly && kind === 'tools' && !annotations.readOnlyHint) return false;
  const covers = (pattern: string): boolean =>
    pattern.includes('__') ? matches(pattern, `${server}__${name}`) : matches(pattern, server);
  if (profile.deny.some(covers)) return false;
  return profile.allow?.some(covers) ?? true;
}

/** {@link allows} for a resource, which may be missing from the lists. */
export function allowsResource(profile: Profile, server: string, uri: string): boolean {
  return profile.key === '' || allows(profile, server, 'resources', uri, { readOnlyHint: false });
}

function serverPart(pattern: string): string {
  const [server = ''] = pattern.split('__', 1);
  return server;
}

/** Matches a pattern with `*`. The time is at most proportional to the product of the two lengths. */
function matches(pattern: string, text: string): boolean {
  let at = 0;
  let star = -1;
  let resume = 0;
  for (let i = 0; i < text.length;) {
    if (pattern[at] === '*') {
      star = at;
      resume = i;
      at += 1;
    } else if (at < pattern.length && pattern[at] === text[i]) {
      at += 1;
      i += 1;
    } else if (star >= 0) {
      at = star + 1;
      resume += 1;
      i = resume;
    } else return false;
  }
  while (pattern[at] === '*') at += 1;
  return at === pattern.length;
}
