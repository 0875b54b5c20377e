import type { EdgeRequest } from './http';

/** The target of a request: the decoded segments of the path, and the query. */
export interface RequestTarget {
  path: readonly string[];
  query: URLSearchParams;
}

const noQuery = new URLSearchParams();
/** A cache, because clients use the same few paths. */
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

/** The path without the query, shortened for messages. */
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
