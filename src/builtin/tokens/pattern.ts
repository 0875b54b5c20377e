import { looserSpellings, spellingsOf } from './uri-spellings';

/** One entry of a server, as rules see it. */
export interface RuledEntry {
  server: string;
  name: string;
  /** The spellings of the URI of a resource. `undefined` for other entries, whose names have only one. */
  uri: UriSpellings | undefined;
}

interface UriSpellings {
  /** Each must be allowed. */
  all: readonly string[];
  /** None may be denied. */
  loose: readonly string[];
}

/** The entry of a server. `undefined` when its URI is not used for a resource. */
export function ruledEntry(server: string, name: string, isUri: boolean): RuledEntry | undefined {
  const all = isUri ? spellingsOf(name) : undefined;
  if (isUri && !all) return undefined;
  return { server, name, uri: all && { all, loose: looserSpellings(all) } };
}

/**
 * A pattern of a rule. Without `__` it means a server and all its entries. With `__` it means `server__name`; for resources
 * the name is a URI. `*` matches any characters.
 */
export class Pattern {
  /** Whether it means whole servers. */
  readonly isServer: boolean;
  readonly #parts: readonly Parts[];

  constructor(readonly text: string) {
    this.isServer = !text.includes('__');
    this.#parts = partsOf(text);
  }

  /** Whether it means the server, or some of its entries. */
  touches(server: string): boolean {
    return this.isServer
      ? matches(this.text, server)
      : this.#parts.some((parts) => matches(parts.server, server));
  }

  /** Whether it means the server and everything it has. */
  isAllOf(server: string): boolean {
    return this.isServer
      ? matches(this.text, server)
      : this.#parts.some((parts) => /^\*+$/.test(parts.name) && matches(parts.server, server));
  }

  /** Whether it allows the name, or one spelling of the URI: that at `place`. */
  allows({ server, name, uri }: RuledEntry, place: number): boolean {
    if (this.isServer) return matches(this.text, server);
    return this.#parts.some(
      (parts) =>
        matches(parts.server, server) &&
        (uri
          ? matches(parts.uri.all[place] ?? parts.name, uri.all[place] ?? name)
          : matches(parts.name, name)),
    );
  }

  /** Whether it denies the name, or any spelling of the URI in any spelling of the pattern. */
  denies({ server, name, uri }: RuledEntry): boolean {
    if (this.isServer) return matches(this.text, server);
    if (matches(this.text, `${server}__${name}`)) return true;
    return this.#parts.some((parts) => {
      if (!matches(parts.server, server)) return false;
      if (!uri) return matches(parts.name, name);
      return parts.uri.loose.some((pattern) => uri.loose.some((spelling) => matches(pattern, spelling)));
    });
  }
}

/** The pattern of the server and that of the name. */
class Parts {
  #uri: UriSpellings | undefined;

  constructor(
    readonly server: string,
    readonly name: string,
  ) {}

  /** What the name means where names are URIs. */
  get uri(): UriSpellings {
    if (this.#uri) return this.#uri;
    const all = spellingsOf(this.name) ?? [this.name];
    this.#uri = { all, loose: looserSpellings(all) };
    return this.#uri;
  }
}

/** Where more than two underscores meet, each two of them can be the separator. */
function partsOf(text: string): Parts[] {
  const [separator = ''] = /_{2,}/.exec(text) ?? [];
  const at = text.indexOf(separator);
  const places = Math.max(0, separator.length - 1);
  return Array.from({ length: places }, (_, i) => new Parts(text.slice(0, at + i), text.slice(at + i + 2)));
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
