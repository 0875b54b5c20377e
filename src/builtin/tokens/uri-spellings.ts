/**
 * The texts that servers can take one URI for.
 *
 * Servers read URIs in different ways: some decode percent escapes, once or until nothing is left; some resolve `.` and
 * `..`, collapse slashes, or follow the URL standard; some cut the query and the fragment off; some join the rest to a
 * folder. A rule that looks at the URI as it was given is passed by another spelling of the same resource. So rules look at
 * all these texts. See https://www.rfc-editor.org/rfc/rfc3986#section-6 and https://url.spec.whatwg.org/.
 */

/** Longer URIs have no spellings. */
const maximumLength = 8192;
/** How often escapes may be nested. No resource is named so; only a way around a rule is. */
const maximumNesting = 4;

const schemes = /^([A-Za-z*][A-Za-z0-9+.*-]*):/;
const escapes = /(?:%[0-9A-Fa-f]{2})+/g;
const control = /\p{Cc}/u;
const overlong = /%[cC][01]/;
const defaultPorts: ReadonlyMap<string, string> = new Map([
  ['http', ':80'],
  ['ws', ':80'],
  ['https', ':443'],
  ['wss', ':443'],
  ['ftp', ':21'],
]);

/**
 * The spellings of a URI, or of a pattern of URIs, always in the same order. A pattern covers a URI when it matches each
 * spelling with its own spelling of the same place. `undefined` for a text that is not used for a resource: with control
 * characters, with escapes of escapes of escapes, with escapes that are never valid, or too long.
 */
export function spellingsOf(text: string): readonly string[] | undefined {
  const decoded = text.length > maximumLength ? undefined : decodings(text);
  const [once, whole] = [decoded?.[1] ?? text, decoded?.at(-1)];
  if (whole === undefined) return undefined;
  const bases = [text, once, whole].flatMap((base) => [base, withoutQuery(base)]);
  const all = [...bases, ...bases.slice(0, 4).map(fullyDecoded)];
  return [text, ...all.map((base) => normalised(base)), ...all.map((base) => joined(base))];
}

/** More texts that a server can take the URI for. They only count against it. */
export function looserSpellings(spellings: readonly string[]): readonly string[] {
  const all = spellings.flatMap((text) => {
    const local = text.replace(/^file:\/\/[^/]+/, 'file://');
    return [text, local, text.replace(/(?<!\/)\/+$/, ''), local.replace(/(?<!\/)\/+$/, '')];
  });
  return [...new Set(all)];
}

/** The text, and what is left each time that its escapes are decoded. */
function decodings(text: string): readonly string[] | undefined {
  const found = [text];
  for (let last = text; ; found.push(last)) {
    if (control.test(last) || overlong.test(last)) return undefined;
    const next = decodedOnce(last);
    if (next === last) return found;
    if (found.length > maximumNesting) return undefined;
    last = next;
  }
}

function fullyDecoded(text: string): string {
  return decodings(text)?.at(-1) ?? text;
}

/** Bytes that are no UTF-8 become U+FFFD. */
function decodedOnce(text: string): string {
  return text.replaceAll(escapes, (run) => Buffer.from(run.replaceAll('%', ''), 'hex').toString('utf8'));
}

function withoutQuery(text: string): string {
  const end = text.search(/[?#]/);
  return end < 0 ? text : text.slice(0, end);
}

/** As a URL: scheme and host in lower case, no default port, no user, no dot segments, no doubled slashes. */
function normalised(text: string): string {
  const { scheme, rest } = split(text);
  if (scheme === undefined) return resolved(rest);
  if (scheme !== 'file' && !rest.startsWith('//')) return `${scheme}:${resolved(rest)}`;
  const [, host = '', path = ''] = /^\/\/([^/?#]*)(.*)$/s.exec(rest) ?? ['', '', rest];
  const authority = scheme === 'file' && host.toLowerCase() === 'localhost' ? '' : hostOf(scheme, host);
  return `${scheme}://${authority}${resolved(path)}`;
}

/** As a path behind the scheme, whose first segment is the host. */
function joined(text: string): string {
  const { scheme, rest } = split(text);
  const [, host = '', path = rest] = /^\/\/([^/?#]+)(.*)$/s.exec(rest) ?? [];
  const plain = resolved(`${hostOf(scheme ?? '', host)}${path}`);
  const start = plain.startsWith('/') ? 1 : 0;
  return scheme === undefined ? plain.slice(start) : `${scheme}://${plain.slice(start)}`;
}

function split(text: string): { scheme: string | undefined; rest: string } {
  const plain = text.trim().replaceAll('\\', '/');
  const [head = '', scheme] = schemes.exec(plain) ?? [];
  return { scheme: scheme?.toLowerCase(), rest: plain.slice(head.length) };
}

function hostOf(scheme: string, authority: string): string {
  const host = authority.slice(authority.lastIndexOf('@') + 1).toLowerCase();
  const port = defaultPorts.get(scheme);
  if (port === undefined || host.includes('*') || !URL.canParse(`${scheme}://${host}/`)) return host;
  return new URL(`${scheme}://${host}/`).host.replace(/\.(?=:|$)/, '');
}

/** A path without dot segments and doubled slashes. A slash at its end stays. */
function resolved(path: string): string {
  const kept: string[] = [];
  let last = '';
  for (const segment of path.split('/')) {
    last = segment;
    if (segment === '..') kept.pop();
    else if (segment !== '.' && segment !== '') kept.push(segment);
  }
  const body = kept.join('/');
  const start = path.startsWith('/') ? '/' : '';
  const end = body !== '' && (last === '' || last === '.' || last === '..') ? '/' : '';
  return `${start}${body}${end}`;
}
