import type { ListKind } from '../upstream/server/catalogue';

/** What the bearer of a token may see and do. */
export interface Profile {
  /** The token's name. */
  name: string;
  /** Differs whenever the rules differ; what was worked out for one profile may be kept under it. */
  key: string;
  /** Whether its token can be taken away while the gateway runs. */
  revocable: boolean;
  /** Patterns of what is allowed; `undefined` allows everything. */
  allow: readonly string[] | undefined;
  /** Patterns of what is refused, whatever else allows it. */
  deny: readonly string[];
  /** Only tools that say of themselves that they change nothing. */
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

/** Whether any rule at all limits the profile. */
export function isRestricted({ allow, deny, readOnly, quota }: Profile): boolean {
  return (
    allow !== undefined ||
    deny.length > 0 ||
    readOnly ||
    quota.perHour !== undefined ||
    quota.perDay !== undefined
  );
}

/** Whether the profile sees anything of a server. */
export function seesServer(profile: Profile, server: string): boolean {
  if (profile.deny.some((pattern) => !pattern.includes('__') && matches(pattern, server))) return false;
  return profile.allow?.some((pattern) => matches(serverPart(pattern), server)) ?? true;
}

/**
 * Whether the profile may see and use one entry of a server. A pattern without `__` means a server with everything in
 * it; one with `__` means `server__name`, with the URI as the name of a resource. `*` stands for any characters.
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

/** {@link allows} for a resource, whether a list has it or not. */
export function allowsResource(profile: Profile, server: string, uri: string): boolean {
  return profile.key === '' || allows(profile, server, 'resources', uri, { readOnlyHint: false });
}

function serverPart(pattern: string): string {
  const [server = ''] = pattern.split('__', 1);
  return server;
}

/** The time grows with the product of the two lengths and no faster. */
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
