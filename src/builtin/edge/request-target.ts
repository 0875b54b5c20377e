import type { IncomingMessage } from 'node:http';

/** Where a request goes: the parts of the path, decoded, and the query. */
export interface RequestTarget {
  path: readonly string[];
  query: URLSearchParams;
}

const noQuery = new URLSearchParams();
/** Clients ask for the same few paths again and again. */
const seen = new Map<string, readonly string[]>();
const maximumSeen = 100;

export function targetOf(request: IncomingMessage): RequestTarget {
  const [pathname = '/', search = ''] = (request.url ?? '/').split('?', 2);
  return { path: partsOf(pathname), query: search === '' ? noQuery : new URLSearchParams(search) };
}

function partsOf(pathname: string): readonly string[] {
  const known = seen.get(pathname);
  if (known) return known;
  const parts = pathname
    .split('/')
    .filter((part) => part !== '')
    .map(decode);
  if (seen.size < maximumSeen) seen.set(pathname, parts);
  return parts;
}

/** The path as it came, without the query, and not longer than a message can be. */
export function pathOf(request: IncomingMessage): string {
  return (request.url ?? '/').split('?')[0]?.slice(0, 200) ?? '/';
}

function decode(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}
