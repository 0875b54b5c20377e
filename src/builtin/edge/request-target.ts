import type { EdgeRequest } from './http';

/** Where a request goes: the parts of the path, decoded, and the query. */
export interface RequestTarget {
  path: readonly string[];
  query: URLSearchParams;
}

const noQuery = new URLSearchParams();
/** Clients ask for the same few paths again and again. */
const seen = new Map<string, RequestTarget>();
const maximumSeen = 100;

export function targetOf(request: EdgeRequest): RequestTarget {
  const url = request.url ?? '/';
  const known = seen.get(url);
  if (known) return known;
  const [pathname = '/', search = ''] = url.split('?', 2);
  const path = pathname
    .split('/')
    .filter((part) => part !== '')
    .map(decode);
  if (search !== '') return { path, query: new URLSearchParams(search) };
  const target = { path, query: noQuery };
  if (seen.size >= maximumSeen) seen.clear();
  seen.set(url, target);
  return target;
}

/** The path as it came, without the query, and not longer than a message can be. */
export function pathOf(request: EdgeRequest): string {
  return (request.url ?? '/').split('?')[0]?.slice(0, 200) ?? '/';
}

function decode(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}
